package io.counterfoil.schedules.home;

/**
 * The embedded Postgres does not start, or ended while it was started. The message names what, where and the operator's next step;
 * a dependency that is down (exit code 4), shown without a stack trace.
 */
public final class PostgresUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PostgresUnavailableException(String message) {
        super(message);
    }

    PostgresUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
