package io.counterfoil.sql;

import javax.sql.DataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** One at a time, whatever the machine. The server lets go of it when the session ends, however it ends. */
public final class SessionLock implements AutoCloseable {
    private static final int CHECK_SECONDS = 10;

    private final Connection session;

    private SessionLock(Connection session) {
        this.session = session;
    }

    /** Waits until nobody else holds the lock of that name. */
    public static SessionLock take(DataSource source, String name) {
        try {
            Connection session = source.getConnection();
            try (PreparedStatement statement =
                    session.prepareStatement("select pg_advisory_lock(hashtextextended(?, 0))")) {
                statement.setString(1, name);
                statement.execute();
            }
            return new SessionLock(session);
        } catch (SQLException e) {
            throw DatabaseAccess.unreachable(e);
        }
    }

    /** @throws OperatorException category DOWN where the session has ended and somebody else may hold the lock by now */
    public void requireHeld() {
        try {
            if (session.isValid(CHECK_SECONDS)) {
                return;
            }
            throw new SQLException("the session that held the lock has ended");
        } catch (SQLException e) {
            throw DatabaseAccess.unreachable(e);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (SQLException e) {
            // The session is gone, and the lock with it.
            return;
        }
    }
}
