package io.counterfoil.accesslog.log;

import java.io.IOException;

/** A data folder holds what no edge has written, or not all that one has. */
public final class CorruptFolderException extends IOException {
    private static final long serialVersionUID = 1L;

    CorruptFolderException(String message) {
        super(message);
    }

    CorruptFolderException(String message, Throwable cause) {
        super(message, cause);
    }
}
