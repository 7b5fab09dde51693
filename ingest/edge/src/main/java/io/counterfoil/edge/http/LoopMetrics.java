package io.counterfoil.edge.http;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** What one event loop counts: per route, never per key. Its event loop writes, anyone reads. */
public final class LoopMetrics {
    private final Map<String, RouteMetrics> routes = new ConcurrentHashMap<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger reaped = new AtomicInteger();

    RouteMetrics route(String name) {
        RouteMetrics known = routes.get(name);
        return known != null ? known : routes.computeIfAbsent(name, fresh -> new RouteMetrics());
    }

    void connected() {
        connections.lazySet(connections.getPlain() + 1);
    }

    void disconnected() {
        connections.lazySet(connections.getPlain() - 1);
    }

    void reaped() {
        reaped.lazySet(reaped.getPlain() + 1);
    }

    /** By the route's name; {@code -} for what no route matched. */
    public Map<String, RouteMetrics> routes() {
        return Map.copyOf(routes);
    }

    /** Open now. */
    public int connections() {
        return connections.get();
    }

    /** Connections closed because their client was too slow. */
    public int slow() {
        return reaped.get();
    }
}
