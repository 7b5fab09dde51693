package io.counterfoil.edge.snapshot;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.hours.EdgeRosterStore;
import io.counterfoil.sql.snapshot.SnapshotRows;
import io.counterfoil.sql.snapshot.SnapshotSignal;
import io.counterfoil.sql.snapshot.SnapshotStore;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * One connection to the control plane, by which an edge waits for changes and loads them. Blocking, for one thread; every fault of
 * the database is an {@link OperatorException} of category DOWN, and ends the session.
 */
final class SnapshotSession implements AutoCloseable {
    private final String edge;
    private final Optional<String> epoch;
    private final InstantSource clock;
    private final SnapshotSignal signal;
    private final SnapshotStore snapshots;
    private final EdgeRosterStore roster;

    SnapshotSession(String edge, Optional<String> epoch, InstantSource clock, SnapshotSignal signal) {
        this.edge = edge;
        this.epoch = epoch;
        this.clock = clock;
        this.signal = signal;
        Jdbi jdbi = signal.jdbi();
        snapshots = new SnapshotStore(jdbi);
        roster = new EdgeRosterStore(jdbi);
    }

    /** Streams what changed after that version, or everything after 0. */
    <X extends Exception> void read(long since, SnapshotRows.Sink<X> sink) throws X {
        try {
            snapshots.read(since, clock.instant(), sink);
        } catch (JdbiException e) {
            throw down(e);
        }
    }

    /** Puts the edge on the roster; does nothing where it is there. */
    void register() {
        try {
            roster.register(edge, epoch, clock.instant());
        } catch (JdbiException e) {
            throw down(e);
        }
    }

    /** Waits until there may be something new, at most that long. */
    void await(Duration atMost) {
        signal.await(atMost);
    }

    private static OperatorException down(JdbiException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        String reason = String.valueOf(cause.getMessage()).lines().findFirst().orElse("no reason given");
        return OperatorException.down(
                "database cannot be read: " + reason
                        + "; check COUNTERFOIL_DATABASE_URL and that the server runs and is migrated",
                e);
    }

    @Override
    public void close() {
        signal.close();
    }
}
