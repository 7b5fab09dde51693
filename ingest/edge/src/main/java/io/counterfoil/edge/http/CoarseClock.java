package io.counterfoil.edge.http;

import java.util.function.LongSupplier;

/** A monotonic time that moves on a few times a second; one event loop's. */
final class CoarseClock {
    private final LongSupplier nanoTime;
    private long nanos;

    CoarseClock(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        nanos = nanoTime.getAsLong();
    }

    void tick() {
        nanos = nanoTime.getAsLong();
    }

    long nanos() {
        return nanos;
    }
}
