package io.counterfoil.edge.snapshot;

import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.snapshot.EdgeRosterStore;
import io.counterfoil.sql.snapshot.SnapshotRows;
import io.counterfoil.sql.snapshot.SnapshotSignal;
import io.counterfoil.sql.snapshot.SnapshotStore;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

import javax.sql.DataSource;
import java.time.InstantSource;

/** The control plane as one edge sees it. Blocking; every fault of the database is an {@link OperatorException} of category DOWN. */
public final class SnapshotSource {
    private final String edge;
    private final InstantSource clock;
    private final DataSource database;
    /** Made when first asked: an edge that knows its keys answers before. Null until then. */
    private Stores stores;

    private record Stores(SnapshotStore snapshots, EdgeRosterStore roster) {}

    /** @throws OperatorException category INPUT where the URL is none */
    public SnapshotSource(String edge, String jdbcUrl, InstantSource clock) {
        this.edge = edge;
        this.clock = clock;
        database = DatabaseAccess.dataSource(jdbcUrl);
    }

    private synchronized Stores stores() {
        if (stores == null) {
            Jdbi jdbi = DatabaseAccess.jdbi(database);
            stores = new Stores(new SnapshotStore(jdbi), new EdgeRosterStore(jdbi));
        }
        return stores;
    }

    /** Streams what changed after that version, or everything after 0. */
    <X extends Exception> void read(long since, SnapshotRows.Sink<X> sink) throws X {
        try {
            stores().snapshots().read(since, clock.instant(), sink);
        } catch (JdbiException e) {
            throw down(e);
        }
    }

    /** Asks for nothing but an answer. */
    void requireReachable() {
        read(Long.MAX_VALUE, new SnapshotRows.Collected());
    }

    /** Puts the edge on the roster; does nothing where it is there. */
    void register() {
        try {
            stores().roster().register(edge, clock.instant());
        } catch (JdbiException e) {
            throw down(e);
        }
    }

    SnapshotSignal listen() {
        return SnapshotSignal.listen(database);
    }

    private static OperatorException down(JdbiException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        String reason = String.valueOf(cause.getMessage()).lines().findFirst().orElse("no reason given");
        return OperatorException.down(
                "database cannot be read: " + reason
                        + "; check COUNTERFOIL_DATABASE_URL and that the server runs and is migrated",
                e);
    }
}
