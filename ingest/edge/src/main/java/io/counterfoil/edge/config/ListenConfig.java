package io.counterfoil.edge.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where and within which bounds connections are accepted.
 *
 * @param address of requests
 * @param beside the listeners beside it
 * @param transport auto, io_uring, epoll or nio
 * @param tls empty for clear text
 * @param drain how long requests in flight have once the edge is told to stop
 */
public record ListenConfig(
        ListenAddress address, Beside beside, String transport, Optional<Tls> tls, Limits limits, Duration drain) {
    /**
     * Listeners that are not the one paid for; empty where they are off.
     *
     * @param admin of health and metrics
     * @param feed of the snapshot for edges that are not ours
     * @param collector of the records of edges that are not ours
     */
    public record Beside(
            Optional<ListenAddress> admin, Optional<ListenAddress> feed, Optional<CollectorConfig> collector) {}

    /** A certificate chain and its private key, both PEM; read again when they change. */
    public record Tls(Path certificate, Path key) {}

    /**
     * Bounds of a request. What is beyond them is answered 414, 431 or 413, what is slower is closed.
     *
     * @param requestLineBytes default 8 KiB
     * @param headerBytes all header fields together; default 16 KiB
     * @param bodyBytes default 1 MiB; a route to an origin may allow more
     * @param headTimeout from a head's first byte to its last; default 10 s
     * @param idleTimeout without a byte either way; default 60 s
     */
    public record Limits(
            int requestLineBytes, int headerBytes, long bodyBytes, Duration headTimeout, Duration idleTimeout) {}
}
