package io.counterfoil.sql;

import java.sql.SQLException;

/** What a failed statement means to whoever asked for it, by its SQLSTATE (PostgreSQL manual, appendix A). */
public enum DatabaseFault {
    /** The server cannot be reached, is starting, stopping or full, or ended the connection. */
    GONE,
    /** Two transactions stood in each other's way (deadlock, serialization failure): undone, the same again may work. */
    CONTENDED,
    /** Anything else, also where the database has no part in it. */
    OTHER;

    /** Of the outermost {@link SQLException} with a state among the failure and its causes. */
    public static DatabaseFault of(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return of(sql.getSQLState());
            }
        }
        return OTHER;
    }

    private static DatabaseFault of(String state) {
        if (state.equals("40P01") || state.equals("40001")) {
            return CONTENDED;
        }
        boolean gone =
                state.startsWith("08") || state.startsWith("57P") || state.equals("25P03") || state.equals("53300");
        return gone ? GONE : OTHER;
    }
}
