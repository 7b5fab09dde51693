package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.record.StreamId;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
    /** Streams that the landing holds with another content: theirs stays on this disk, and is bounded apart. */
    final Set<StreamId> quarantined = ConcurrentHashMap.newKeySet();

    final AtomicLong quarantinedBytes = new AtomicLong();
    volatile boolean sealingFails;
    volatile boolean landingDown;
    volatile long shippedNanos = System.nanoTime();
}
