package io.counterfoil.edge.collector;

/** A token bucket: so many batches a second, and ten seconds' worth at once. On one event loop. */
final class SourceRate {
    private static final long BURST_SECONDS = 10;
    private static final double NANOS = 1e9;

    private final double perNano;
    private final double most;
    private double tokens;
    private long atNanos;

    SourceRate(int perSecond, long nowNanos) {
        perNano = perSecond / NANOS;
        most = (double) perSecond * BURST_SECONDS;
        tokens = most;
        atNanos = nowNanos;
    }

    /** Takes one; 0, or in how many seconds there is one again. */
    long take(long nowNanos) {
        tokens = Math.min(most, tokens + (nowNanos - atNanos) * perNano);
        atNanos = nowNanos;
        if (tokens < 1) {
            return (long) Math.max(1, Math.ceil((1 - tokens) / perNano / NANOS));
        }
        tokens--;
        return 0;
    }
}
