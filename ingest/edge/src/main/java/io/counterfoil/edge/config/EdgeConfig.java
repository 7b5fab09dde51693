package io.counterfoil.edge.config;

import java.time.Duration;
import java.util.Optional;

/**
 * What an edge is told; {@code edge.yaml} with its overrides applied, all of it valid.
 *
 * @param edge the edge's name on the roster and in its log
 * @param database JDBC URL, where the file names one; the environment's goes before it
 * @param snapshotPoll how often the database is asked for a newer snapshot where no notification comes
 * @param eventLoops threads that answer requests, each with a log stream of its own
 * @param routing the part that is reloaded without a restart
 */
public record EdgeConfig(
        String edge,
        ListenConfig listen,
        LogConfig log,
        Optional<String> database,
        Duration snapshotPoll,
        int eventLoops,
        RoutingConfig routing) {
    /** Whether both differ in nothing but their routing, so that one may follow the other without a restart. */
    public boolean sameButRouting(EdgeConfig other) {
        return withRouting(other.routing).equals(other);
    }

    public EdgeConfig withRouting(RoutingConfig next) {
        return new EdgeConfig(edge, listen, log, database, snapshotPoll, eventLoops, next);
    }
}
