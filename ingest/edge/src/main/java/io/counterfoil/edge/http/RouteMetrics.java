package io.counterfoil.edge.http;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What one event loop counts of one route: requests by class of status, and how long they took. Written by that event loop alone,
 * read by whoever asks; a reader may be a request behind.
 */
public final class RouteMetrics {
    /** Upper bounds of the duration's buckets; a last one takes the rest. */
    private static final long[] BOUNDS_MICROS = {
        250,
        500,
        1_000,
        2_500,
        5_000,
        10_000,
        25_000,
        50_000,
        100_000,
        250_000,
        500_000,
        1_000_000,
        2_500_000,
        5_000_000,
        10_000_000
    };

    private static final int CLASSES = 5;
    private static final int SUM = CLASSES;
    private static final int BUCKETS = SUM + 1;

    private final AtomicLongArray counts = new AtomicLongArray(BUCKETS + BOUNDS_MICROS.length + 1);

    void count(int status, long micros) {
        add(Math.min(Math.max(status / 100, 1), CLASSES) - 1, 1);
        add(SUM, micros);
        int bucket = 0;
        while (bucket < BOUNDS_MICROS.length && micros > BOUNDS_MICROS[bucket]) {
            bucket++;
        }
        add(BUCKETS + bucket, 1);
    }

    private void add(int index, long value) {
        // One writer: no read-modify-write is needed, only that readers see it some time.
        counts.lazySet(index, counts.getPlain(index) + value);
    }

    /** Requests answered 1xx (first) to 5xx (last). */
    public long[] byClass() {
        long[] classes = new long[CLASSES];
        for (int i = 0; i < CLASSES; i++) {
            classes[i] = counts.get(i);
        }
        return classes;
    }

    public long sumMicros() {
        return counts.get(SUM);
    }

    /** Requests in each bucket, by its upper bound; not cumulative. */
    public long[] buckets() {
        long[] buckets = new long[BOUNDS_MICROS.length + 1];
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = counts.get(BUCKETS + i);
        }
        return buckets;
    }

    /** In seconds; the last one is without bound. */
    public static double[] boundsSeconds() {
        double[] bounds = new double[BOUNDS_MICROS.length + 1];
        for (int i = 0; i < BOUNDS_MICROS.length; i++) {
            bounds[i] = BOUNDS_MICROS[i] / 1e6;
        }
        bounds[BOUNDS_MICROS.length] = Double.POSITIVE_INFINITY;
        return bounds;
    }
}
