package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Forces one stream's active segment once it has been active for an interval, and again after each further one. A segment that is
 * rolled earlier is sealed instead, which is a force of its own. One thread.
 */
final class Forcer {
    private final StreamId stream;
    private final StreamProgress progress;
    private final ControlPage control;
    private final long everyNanos;
    private final LogCounters counters;
    private final Consumer<String> notices;
    private long number;
    private long forcedSeq;
    private long dueNanos;

    Forcer(
            StreamId stream,
            StreamProgress progress,
            ControlPage control,
            Duration every,
            LogCounters counters,
            Consumer<String> notices) {
        this.stream = stream;
        this.progress = progress;
        this.control = control;
        everyNanos = every.toNanos();
        this.counters = counters;
        this.notices = notices;
    }

    /** Forces where it is due; returns in how many nanoseconds it will be. */
    long forceIfDue() {
        Optional<StreamProgress.Active> active = progress.active();
        if (active.isEmpty()) {
            return Long.MAX_VALUE;
        }
        long now = System.nanoTime();
        if (active.get().number() != number) {
            number = active.get().number();
            forcedSeq = active.get().seqBefore();
            // A roll that comes about then is a force too, and a cheaper one: it gets a little more time.
            dueNanos = now + everyNanos + everyNanos / 4;
        } else if (now - dueNanos >= 0) {
            force(active.get());
            dueNanos = System.nanoTime() + everyNanos;
        }
        return dueNanos - now;
    }

    private void force(StreamProgress.Active segment) {
        // In this order: every record before that time is among those up to that seq.
        long micros = progress.micros();
        long seq = progress.seq();
        boolean rolled = progress.active().filter(segment::equals).isEmpty();
        if (seq == forcedSeq || rolled || segment.file().poisoned()) {
            return;
        }
        long start = System.nanoTime();
        try {
            segment.file().force();
            control.forced(segment.number(), new ControlPage.Forced(seq, micros));
            forcedSeq = seq;
        } catch (IOException e) {
            // Never again: after a failure the kernel takes the pages for clean, and a second force would succeed.
            segment.file().poison();
            counters.failedForces.incrementAndGet();
            notices.accept("segment " + new SegmentId(stream, segment.number())
                    + " cannot be forced to the disk, it is closed and what it holds is sealed: " + e.getMessage()
                    + "; check the disk under the data folder");
        }
        long nanos = System.nanoTime() - start;
        counters.forces.incrementAndGet();
        counters.forceNanos.addAndGet(nanos);
        counters.forceMaxNanos.accumulate(nanos);
    }
}
