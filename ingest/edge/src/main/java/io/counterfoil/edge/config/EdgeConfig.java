package io.counterfoil.edge.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What an edge is told at its start; {@code edge.yaml} with the command line's overrides applied, all of it valid.
 *
 * @param edge the edge's name on the roster and in its log
 * @param data folder of the log and the last good snapshot; one process at a time
 * @param landing folder to which sealed segments are shipped
 * @param database JDBC URL, where the file names one; the environment's goes before it
 * @param sealAfter how old records may get before they are sealed
 * @param snapshotPoll how often the database is asked for a newer snapshot where no notification comes
 * @param eventLoops threads that answer requests, each with a log stream of its own
 */
public record EdgeConfig(
        String edge,
        ListenAddress listen,
        Path data,
        Path landing,
        Optional<String> database,
        Duration sealAfter,
        Duration snapshotPoll,
        int eventLoops,
        List<RouteConfig> routes) {
    public EdgeConfig {
        routes = List.copyOf(routes);
    }
}
