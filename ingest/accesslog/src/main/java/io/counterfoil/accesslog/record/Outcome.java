package io.counterfoil.accesslog.record;

import java.util.Locale;

/**
 * How a request counts. Derived, never logged: refused and unauthorized by decision; else by status, below 400 success, below
 * 500 client error (unrouted and 499 too), above that server error.
 */
public enum Outcome {
    SUCCESS,
    CLIENT_ERROR,
    SERVER_ERROR,
    REFUSED,
    UNAUTHORIZED;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** The word that stands in {@code usage_hourly.outcome}. */
    public String text() {
        return text;
    }

    public static Outcome of(Decision decision, int status) {
        if (decision == Decision.REFUSED) {
            return REFUSED;
        }
        if (decision == Decision.UNAUTHORIZED) {
            return UNAUTHORIZED;
        }
        if (status < 400) {
            return SUCCESS;
        }
        return status < 500 ? CLIENT_ERROR : SERVER_ERROR;
    }
}
