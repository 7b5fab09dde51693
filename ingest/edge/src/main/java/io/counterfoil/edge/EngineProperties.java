package io.counterfoil.edge;

import java.util.Map;

/**
 * What Netty and Vert.x read as system properties before their first class is loaded; each was measured (bench/RESULTS.md). What
 * the command line sets with {@code -D} stays.
 */
public final class EngineProperties {
    private static final Map<String, String> MEASURED = Map.ofEntries(
            // Two small buffers a request: the pooled allocator is 1 µs cheaper at that than Netty's adaptive one.
            Map.entry("io.netty.allocator.type", "pooled"),
            // One arena for each of the few threads that allocate at all; chunks of 1 MiB instead of 4.
            Map.entry("io.netty.allocator.maxOrder", "7"),
            // The pooled allocator's flight-recorder events load that module at the start.
            Map.entry("io.netty.jfr.enabled", "false"),
            // What RenderedHeads keeps is rendered once.
            Map.entry("vertx.cacheImmutableHttpResponseHeaders", "true"),
            // Seconds that a client of the admin listener has for its request, and for its answer.
            Map.entry("sun.net.httpserver.maxReqTime", "10"),
            Map.entry("sun.net.httpserver.maxRspTime", "30"),
            // Nobody reads Vert.x's own metrics, context timings and class loaders; together 0.5 µs a request.
            Map.entry("vertx.disableMetrics", "true"),
            Map.entry("vertx.disableContextTimings", "true"),
            Map.entry("vertx.disableTCCL", "true"),
            Map.entry("vertx.disableWebsockets", "true"));

    private EngineProperties() {}

    public static void set() {
        MEASURED.forEach((name, value) -> {
            if (System.getProperty(name) == null) {
                System.setProperty(name, value);
            }
        });
    }
}
