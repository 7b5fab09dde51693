package io.counterfoil.sql.snapshot;

import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.DatabaseAccess;
import org.jdbi.v3.core.Jdbi;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

import javax.sql.DataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** Wakes when there may be something new to load, which is asked for over the same connection. For one thread. */
public final class SnapshotSignal implements AutoCloseable {
    private final Connection connection;

    private SnapshotSignal(Connection connection) {
        this.connection = connection;
    }

    /** @throws io.counterfoil.sql.OperatorException category DOWN where the database cannot be reached */
    public static SnapshotSignal listen(DataSource source) {
        try {
            Connection connection = source.getConnection();
            try (Statement statement = connection.createStatement()) {
                statement.execute("listen " + ControlVersion.CHANNEL);
            }
            return new SnapshotSignal(connection);
        } catch (SQLException e) {
            throw DatabaseAccess.unreachable(e);
        }
    }

    /** Over this connection; usable until it is closed. */
    public Jdbi jdbi() {
        return Jdbi.create(connection);
    }

    /**
     * Waits for a wake-up, at most that long; true where one came.
     *
     * @throws io.counterfoil.sql.OperatorException category DOWN where the connection is lost; listen again
     */
    public boolean await(Duration atMost) {
        try {
            // 0 would wait for ever.
            int millis = (int) Math.max(1, Math.min(atMost.toMillis(), Integer.MAX_VALUE));
            PGNotification[] woken = connection.unwrap(PGConnection.class).getNotifications(millis);
            return woken != null && woken.length > 0;
        } catch (SQLException e) {
            throw DatabaseAccess.unreachable(e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // It is being given up either way; the server ends the session when the socket closes.
            return;
        }
    }
}
