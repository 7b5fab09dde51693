package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.ship.ShippingCounters;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAccumulator;

/** What the log's own threads count for {@link LogStats}. */
final class LogCounters {
    final AtomicInteger unsealed = new AtomicInteger();
    final AtomicLong lost = new AtomicLong();
    final AtomicLong forces = new AtomicLong();
    final AtomicLong forceNanos = new AtomicLong();
    final LongAccumulator forceMaxNanos = new LongAccumulator(Math::max, 0);
    final AtomicLong failedForces = new AtomicLong();
    final AtomicLong poisoned = new AtomicLong();
    final ShippingCounters shipping = new ShippingCounters();
    volatile boolean sealingFails;
}
