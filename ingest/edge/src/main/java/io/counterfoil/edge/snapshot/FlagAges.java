package io.counterfoil.edge.snapshot;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * How old usage was when the flag that it raised began to hold here: from the newest record that was counted. What went before that, up
 * to a record's seal, the log tells ({@code report flag-lag}). One thread adds; any may read.
 */
public final class FlagAges {
    private static final double[] BOUNDS_SECONDS = {0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 10, 30, 60, 300, 3600};
    private static final double NANOS = 1e9;

    private final AtomicLongArray buckets = new AtomicLongArray(BOUNDS_SECONDS.length + 1);
    private final LongAdder sumNanos = new LongAdder();

    /** Notes each flag of a change that now holds over its quota, and did not before. */
    void note(Snapshot old, SnapshotChange change, Instant now) {
        for (LimitChanges.Change<Flag> each : change.limits().flags()) {
            Flag flag = each.value();
            Flag before = old.flags().same(flag);
            if (!each.ended() && flag.over() && flag.holdsAt(now) && (before == null || !before.over())) {
                add(Duration.between(flag.asOf(), now));
            }
        }
    }

    private void add(Duration age) {
        long nanos = Math.max(0, age.toNanos());
        int bucket = 0;
        while (bucket < BOUNDS_SECONDS.length && nanos > BOUNDS_SECONDS[bucket] * NANOS) {
            bucket++;
        }
        sumNanos.add(nanos);
        buckets.incrementAndGet(bucket);
    }

    /** Upper ends, in seconds; the last one is infinite. */
    public static double[] boundsSeconds() {
        double[] bounds = Arrays.copyOf(BOUNDS_SECONDS, BOUNDS_SECONDS.length + 1);
        bounds[BOUNDS_SECONDS.length] = Double.POSITIVE_INFINITY;
        return bounds;
    }

    /** How many there were up to each end, and beyond the one before. */
    public long[] counts() {
        long[] counts = new long[buckets.length()];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = buckets.get(i);
        }
        return counts;
    }

    public double sumSeconds() {
        return sumNanos.sum() / NANOS;
    }
}
