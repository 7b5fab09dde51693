package io.counterfoil.sql;

import javax.sql.DataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** One at a time, whatever the machine. The server lets go of it when the session ends, however it ends. */
public final class SessionLock implements AutoCloseable {
    private static final int CHECK_SECONDS = 10;
    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final String HOLDER =
            "select concat('database session ', pid, ' from ' || coalesce(host(client_addr), 'this machine'),"
                    + " ' since ' || to_char(backend_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS UTC'))"
                    + " from pg_locks l join pg_stat_activity using (pid), hashtextextended(?, 0) as key"
                    + " where l.locktype = 'advisory' and l.granted and l.objsubid = 1"
                    + " and l.database = (select oid from pg_database where datname = current_database())"
                    + " and (l.classid::bigint << 32 | l.objid::bigint) = key";

    private final Connection session;

    private SessionLock(Connection session) {
        this.session = session;
    }

    /** Waits until nobody else holds the lock of that name. */
    public static SessionLock take(DataSource source, String name) {
        return take(source, name, Duration.ZERO);
    }

    /**
     * Waits so long for whoever else holds the lock of that name; zero is for ever.
     *
     * @throws OperatorException category DOWN where it is held longer; the message names the session that does
     */
    public static SessionLock take(DataSource source, String name, Duration wait) {
        try {
            Connection session = source.getConnection();
            try {
                if (lock(session, name, wait)) {
                    return new SessionLock(session);
                }
                throw OperatorException.down(
                        "lock '" + name + "' is held by " + holder(session, name) + ", expected to be free within "
                                + wait.toSeconds() + " s; see what that waits for, or end it",
                        null);
            } catch (SQLException | RuntimeException e) {
                session.close();
                throw e;
            }
        } catch (SQLException e) {
            throw DatabaseAccess.unreachable(e);
        }
    }

    private static boolean lock(Connection session, String name, Duration wait) throws SQLException {
        try (Statement setting = session.createStatement();
                PreparedStatement statement =
                        session.prepareStatement("select pg_advisory_lock(hashtextextended(?, 0))")) {
            setting.execute("set lock_timeout = " + wait.toMillis());
            statement.setString(1, name);
            statement.execute();
            return true;
        } catch (SQLException e) {
            if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                return false;
            }
            throw e;
        }
    }

    /** Its address and times only where this role may see them. */
    private static String holder(Connection session, String name) throws SQLException {
        try (PreparedStatement statement = session.prepareStatement(HOLDER)) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getString(1) : "a session that has just ended";
            }
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
