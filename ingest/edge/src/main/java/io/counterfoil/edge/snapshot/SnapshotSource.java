package io.counterfoil.edge.snapshot;

import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.snapshot.SnapshotRows;
import io.counterfoil.sql.snapshot.SnapshotSignal;

import javax.sql.DataSource;
import java.time.InstantSource;

/** The database that one edge has its keys and flags from. */
public final class SnapshotSource {
    private final String edge;
    private final InstantSource clock;
    private final DataSource database;

    /** @throws OperatorException category INPUT where the URL is none */
    public SnapshotSource(String edge, String jdbcUrl, InstantSource clock) {
        this.edge = edge;
        this.clock = clock;
        database = DatabaseAccess.dataSource(jdbcUrl);
    }

    /** @throws OperatorException category DOWN where it cannot be reached */
    SnapshotSession connect() {
        return new SnapshotSession(edge, clock, SnapshotSignal.listen(database));
    }

    /**
     * Asks for nothing but an answer.
     *
     * @throws OperatorException category DOWN where it cannot be reached or read
     */
    void requireReachable() {
        try (SnapshotSession session = connect()) {
            session.read(Long.MAX_VALUE, new SnapshotRows.Collected());
        }
    }
}
