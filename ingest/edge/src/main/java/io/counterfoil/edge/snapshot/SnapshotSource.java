package io.counterfoil.edge.snapshot;

import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.snapshot.SnapshotRows;
import io.counterfoil.sql.snapshot.SnapshotSignal;

import javax.sql.DataSource;
import java.time.InstantSource;
import java.util.Optional;

/** The database that one edge has its keys and flags from. */
public final class SnapshotSource {
    private final String edge;
    private final Optional<String> epoch;
    private final InstantSource clock;
    private final DataSource database;

    private SnapshotSource(String edge, Optional<String> epoch, InstantSource clock, DataSource database) {
        this.edge = edge;
        this.epoch = epoch;
        this.clock = clock;
        this.database = database;
    }

    /** @throws OperatorException category INPUT where the URL is none */
    public SnapshotSource(String edge, String jdbcUrl, InstantSource clock) {
        this(edge, Optional.empty(), clock, DatabaseAccess.dataSource(jdbcUrl));
    }

    /** The same for an edge whose log is open: it goes on the roster with the epoch it has begun. */
    public SnapshotSource inEpoch(String begun) {
        return new SnapshotSource(edge, Optional.of(begun), clock, database);
    }

    /** @throws OperatorException category DOWN where it cannot be reached */
    SnapshotSession connect() {
        return new SnapshotSession(edge, epoch, clock, SnapshotSignal.listen(database));
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
