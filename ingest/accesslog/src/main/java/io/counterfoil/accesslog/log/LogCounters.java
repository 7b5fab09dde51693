package io.counterfoil.accesslog.log;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAccumulator;

/** What the log's own threads count for {@link LogStats}. */
final class LogCounters {
    final AtomicInteger unsealed = new AtomicInteger();
    final AtomicLong waitingSegments = new AtomicLong();
    final AtomicLong waitingBytes = new AtomicLong();
    final AtomicLong lost = new AtomicLong();
    final AtomicLong forces = new AtomicLong();
    final AtomicLong forceNanos = new AtomicLong();
    final LongAccumulator forceMaxNanos = new LongAccumulator(Math::max, 0);
    final AtomicLong failedForces = new AtomicLong();
    final AtomicLong poisoned = new AtomicLong();
    final AtomicInteger quarantined = new AtomicInteger();
    volatile boolean sealingFails;
    volatile boolean landingDown;
    volatile long shippedNanos = System.nanoTime();
}
