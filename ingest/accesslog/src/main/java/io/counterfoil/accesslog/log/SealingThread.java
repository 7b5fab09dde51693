package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.file.Reason;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;

import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Seals what the event loops roll, in their order, and gives the files back. */
final class SealingThread extends Thread {
    private static final long RETRY_MILLIS = 1000;
    private static final long POLL_MILLIS = 200;

    private final Sealer sealer;
    private final BlockingQueue<RolledSegment> rolled;
    private final Map<StreamId, SpareFiles> spares;
    private final Reserve reserve;
    private final LogCounters counters;
    private final Runnable sealed;
    private final Consumer<String> notices;
    /** Of the segments that wait because sealing fails. */
    private final Set<SegmentId> forced = new HashSet<>();

    private volatile boolean finishing;

    SealingThread(
            Sealer sealer,
            BlockingQueue<RolledSegment> rolled,
            Map<StreamId, SpareFiles> spares,
            Reserve reserve,
            LogCounters counters,
            Runnable sealed,
            Consumer<String> notices) {
        super("counterfoil-seal");
        this.sealer = sealer;
        this.rolled = rolled;
        this.spares = Map.copyOf(spares);
        this.reserve = reserve;
        this.counters = counters;
        this.sealed = sealed;
        this.notices = notices;
        setDaemon(true);
    }

    @Override
    public void run() {
        try {
            while (true) {
                RolledSegment next = rolled.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
                if (next == null) {
                    if (finishing) {
                        return;
                    }
                    continue;
                }
                while (!seal(next)) {
                    if (finishing) {
                        return;
                    }
                    TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            // Only finish() ends this thread early; what is left is recovered at the next start.
            currentThread().interrupt();
        }
    }

    private boolean seal(RolledSegment segment) {
        try {
            sealWithReserve(segment);
        } catch (IOException | RuntimeException | Error e) {
            if (!counters.sealingFails) {
                notices.accept("cannot seal segment " + segment.id() + ", trying again: " + Reason.of(e)
                        + "; see that the data folder's disk works and has space");
            }
            counters.sealingFails = true;
            force(segment);
            rolled.forEach(this::force);
            return false;
        }
        if (counters.sealingFails) {
            notices.accept("segments can be sealed again");
        }
        counters.sealingFails = false;
        forced.remove(segment.id());
        reserve.notNeeded();
        counters.unsealed.decrementAndGet();
        spares.get(segment.id().stream()).giveBack(segment.file());
        sealed.run();
        return true;
    }

    private void sealWithReserve(RolledSegment segment) throws IOException {
        try {
            sealer.seal(segment);
        } catch (IOException e) {
            if (!reserve.giveUp()) {
                throw e;
            }
            sealer.seal(segment);
        }
    }

    /** A seal is a force of its own; where it has to wait, the segment must not. Once: a force that failed proves nothing later. */
    private void force(RolledSegment segment) {
        if (segment.file().poisoned() || !forced.add(segment.id())) {
            return;
        }
        try {
            segment.file().force();
            segment.control()
                    .forced(
                            segment.id().number(),
                            new ControlPage.Forced(segment.records().lastSeq(), segment.throughMicros()));
        } catch (IOException e) {
            counters.failedForces.incrementAndGet();
            segment.file().poison();
        }
    }

    /** Returns when everything rolled so far is sealed, or cannot be. */
    void finish() {
        finishing = true;
        try {
            join();
        } catch (InterruptedException e) {
            currentThread().interrupt();
        }
    }
}
