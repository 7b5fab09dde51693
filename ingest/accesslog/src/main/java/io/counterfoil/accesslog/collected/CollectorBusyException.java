package io.counterfoil.accesslog.collected;

/** A batch was not taken, and nothing of it was. The message says why, for the operator. */
public final class CollectorBusyException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean forGood;

    CollectorBusyException(String message) {
        this(message, null, false);
    }

    CollectorBusyException(String message, Throwable cause) {
        this(message, cause, false);
    }

    private CollectorBusyException(String message, Throwable cause, boolean forGood) {
        super(message, cause);
        this.forGood = forGood;
    }

    static CollectorBusyException forGood(String message) {
        return new CollectorBusyException(message, null, true);
    }

    /** Whether it will not be taken later either. */
    public boolean isForGood() {
        return forGood;
    }
}
