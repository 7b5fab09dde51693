package io.counterfoil.accesslog.collected;

/** A batch cannot be taken now; nothing of it was. The message says why, for the operator. */
public final class CollectorBusyException extends Exception {
    private static final long serialVersionUID = 1L;

    CollectorBusyException(String message) {
        super(message);
    }

    CollectorBusyException(String message, Throwable cause) {
        super(message, cause);
    }
}
