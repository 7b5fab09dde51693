package io.counterfoil.accesslog.log;

import java.nio.file.Path;

/** Another process writes its log to this data folder. */
public final class FolderInUseException extends Exception {
    private static final long serialVersionUID = 1L;

    FolderInUseException(Path folder) {
        super("data folder " + folder
                + " is in use by another edge; stop that one, or give this one a folder and a name of its own");
    }
}
