package io.counterfoil.sql.snapshot;

import org.jdbi.v3.core.Jdbi;

import java.time.Instant;
import java.time.ZoneOffset;

/** The edges whose logs an hour waits for. */
public final class EdgeRosterStore {
    private final Jdbi jdbi;

    public EdgeRosterStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Puts the edge on the roster; does nothing where it is there already. */
    public void register(String edge, Instant now) {
        jdbi.useHandle(handle -> handle.createUpdate(
                        "insert into edge_roster (edge, registered_at) values (:edge, :now) on conflict do nothing")
                .bind("edge", edge)
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .execute());
    }

    /** Whether an edge of that name is on it, retired or not. */
    public boolean contains(String edge) {
        return jdbi.withHandle(handle -> handle.createQuery("select count(*) > 0 from edge_roster where edge = :edge")
                .bind("edge", edge)
                .mapTo(Boolean.class)
                .one());
    }
}
