package io.counterfoil.edge.config;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What an edge is told; {@code edge.yaml} with its overrides applied, all of it valid.
 *
 * @param edge the edge's name on the roster and in its log
 * @param database JDBC URL, where the file names one; the environment's goes before it
 * @param eventLoops threads that answer requests, each with a log stream of its own
 * @param routing the part that is reloaded without a restart
 */
public record EdgeConfig(
        String edge,
        ListenConfig listen,
        LogConfig log,
        Optional<String> database,
        SnapshotConfig snapshot,
        int eventLoops,
        RoutingConfig routing) {
    /** Whether both differ in nothing but their routing, so that one may follow the other without a restart. */
    public boolean sameButRouting(EdgeConfig other) {
        return withRouting(other.routing).equals(other);
    }

    public EdgeConfig withRouting(RoutingConfig next) {
        return new EdgeConfig(edge, listen, log, database, snapshot, eventLoops, next);
    }

    /**
     * How keys and flags come.
     *
     * @param poll how often the database is asked where no notification comes
     * @param accept a version that is taken though it looks wrong: an operator says so, after an alarm that named it
     */
    public record SnapshotConfig(Duration poll, OptionalLong accept) {}
}
