package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.file.Reason;
import io.counterfoil.accesslog.record.StreamId;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Keeps a filled segment ahead of every event loop and the space to seal, zeroes sealed files for their next use, and forces
 * active segments.
 */
final class FilesThread extends Thread {
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final List<SpareFiles> spares;
    private final List<Forcer> forcers;
    private final Reserve reserve;
    private final long maxWaitingBytes;
    private final LogCounters counters;
    private final Consumer<String> notices;
    private final Semaphore wakes;
    private volatile boolean finishing;
    private String refusal = "";

    FilesThread(
            List<SpareFiles> spares,
            List<Forcer> forcers,
            Reserve reserve,
            long maxWaitingBytes,
            LogCounters counters,
            Consumer<String> notices,
            Semaphore wakes) {
        super("counterfoil-files");
        this.spares = List.copyOf(spares);
        this.forcers = List.copyOf(forcers);
        this.reserve = reserve;
        this.maxWaitingBytes = maxWaitingBytes;
        this.counters = counters;
        this.notices = notices;
        this.wakes = wakes;
        setDaemon(true);
    }

    @Override
    public void run() {
        try {
            while (!finishing) {
                long wait = work();
                if (wakes.tryAcquire(Math.max(wait, 0), TimeUnit.NANOSECONDS)) {
                    wakes.drainPermits();
                }
            }
            for (SpareFiles own : spares) {
                own.discardAll();
            }
        } catch (IOException e) {
            notices.accept("segment files stay until the next start: " + e.getMessage());
        } catch (InterruptedException e) {
            currentThread().interrupt();
        }
    }

    /** Returns in how many nanoseconds there is something to do again. */
    private long work() {
        long wait = prepare() ? IDLE_NANOS : RETRY_NANOS;
        try {
            for (Forcer forcer : forcers) {
                wait = Math.min(wait, forcer.forceIfDue());
            }
        } catch (RuntimeException | Error e) {
            // A defect, or too little memory: no reason never to force again.
            notices.accept("active segments were not forced, trying again: " + Reason.of(e));
            return RETRY_NANOS;
        }
        return wait;
    }

    /** True where every stream has what it needs. */
    private boolean prepare() {
        long quarantined = counters.shipping.quarantinedBytes();
        long waiting = counters.shipping.waitingBytes() - quarantined;
        boolean full = waiting >= maxWaitingBytes;
        Set<StreamId> stopped = quarantined >= maxWaitingBytes ? counters.shipping.quarantined() : Set.of();
        String now = "";
        if (full) {
            now = waiting + " bytes wait for the landing, at most " + maxWaitingBytes
                    + " may; see what keeps the landing from taking them";
        }
        try {
            for (SpareFiles own : spares) {
                own.recycle(!full && !stopped.contains(own.stream()) && reserve.isThere());
            }
            if (!full) {
                reserve.restore();
                for (SpareFiles own : spares) {
                    if (reserve.leavesRoom() && !stopped.contains(own.stream())) {
                        own.prepare();
                    }
                }
            }
        } catch (IOException | RuntimeException | Error e) {
            // Whatever it was: this thread must go on, or no segment would ever be ready again.
            now = Reason.of(e) + "; free space on the data folder's disk";
        }
        for (SpareFiles own : spares) {
            own.tellWhetherDiskRefuses(!now.isEmpty() || counters.sealingFails || stopped.contains(own.stream()));
        }
        tell(now);
        return now.isEmpty();
    }

    private void tell(String now) {
        if (!now.isEmpty() && refusal.isEmpty()) {
            notices.accept("no segment can be prepared, requests will go unlogged when the last one is full: " + now);
        } else if (now.isEmpty() && !refusal.isEmpty()) {
            notices.accept("segments can be prepared again");
        }
        refusal = now;
    }

    /** Returns when the files are gone that no segment needs. Afterwards nothing is rolled or sealed. */
    void finish() {
        finishing = true;
        wakes.release();
        try {
            join();
        } catch (InterruptedException e) {
            currentThread().interrupt();
        }
    }
}
