package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.record.StreamId;

import java.io.IOException;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Seals what the event loops roll, in their order, and hands the emptied files back to them. */
final class SealingThread extends Thread {
    private static final long RETRY_MILLIS = 1000;
    private static final long POLL_MILLIS = 200;

    private final Sealer sealer;
    private final BlockingQueue<RolledSegment> rolled;
    private final Map<StreamId, Queue<MappedSegment>> spares;
    private final Runnable sealed;
    private final Consumer<String> notices;
    private volatile boolean finishing;
    private boolean failing;

    SealingThread(
            Sealer sealer,
            BlockingQueue<RolledSegment> rolled,
            Map<StreamId, Queue<MappedSegment>> spares,
            Runnable sealed,
            Consumer<String> notices) {
        super("counterfoil-seal");
        this.sealer = sealer;
        this.rolled = rolled;
        this.spares = spares;
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
            sealer.seal(segment);
        } catch (IOException | RuntimeException e) {
            if (!failing) {
                notices.accept("cannot seal segment " + segment.id() + ", trying again: " + e.getMessage());
            }
            failing = true;
            return false;
        }
        if (failing) {
            notices.accept("segments can be sealed again");
        }
        failing = false;
        segment.file().recycle();
        spares.get(segment.id().stream()).add(segment.file());
        sealed.run();
        return true;
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
