package io.counterfoil.edge.config;

import io.counterfoil.edge.route.PathTemplate;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One route of {@code edge.yaml}.
 *
 * @param name what the log's {@code route} column says
 * @param methods that are understood; for a dataset always GET and HEAD
 * @param scope that a key must have; empty where any key will do
 * @param units what each of its requests weighs; 1 or more
 */
public record RouteConfig(
        String name, PathTemplate path, List<String> methods, Optional<String> scope, long units, Target target) {
    /** What the names of the edge's own routes begin with: they are logged, and count towards nothing. */
    public static final String OWN = "counterfoil.";

    public RouteConfig {
        methods = List.copyOf(methods);
    }

    /** Where the answers come from. */
    public sealed interface Target permits Documents, Origin {}

    /**
     * Documents by key, held in memory.
     *
     * @param path a folder of {@code <key>.json} files, or one {@code .ndjson} or {@code .csv} file
     * @param key the column of a file that holds the key; empty for a folder
     */
    public record Documents(Path path, Optional<String> key) implements Target {}

    /**
     * A server that the request is passed on to.
     *
     * @param url scheme, host, port, and what stands before the request's own path
     * @param connections that each event loop may have open at once
     * @param connectTimeout to a connection, also the wait for a free one
     * @param responseTimeout from the request's last byte to the answer's head
     * @param idleTimeout between two parts of a body
     * @param maxBodyBytes of a request
     * @param passKey whether the origin is given the caller's API key
     */
    public record Origin(
            URI url,
            int connections,
            Duration connectTimeout,
            Duration responseTimeout,
            Duration idleTimeout,
            long maxBodyBytes,
            boolean passKey)
            implements Target {}
}
