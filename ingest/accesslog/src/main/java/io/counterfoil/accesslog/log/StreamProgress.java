package io.counterfoil.accesslog.log;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How far one event loop's stream has got, for the other threads to read. The event loop only stores, each store a release: what
 * a reader sees of one value, and all that the event loop had done before it, is there.
 */
final class StreamProgress {
    private static final VarHandle SEQ = handle("seq");
    private static final VarHandle MICROS = handle("micros");
    private static final VarHandle BYTES = handle("bytes");

    /**
     * A stream's active segment.
     *
     * @param seqBefore the last sequence number of the segments before it
     */
    record Active(long number, long seqBefore, MappedSegment file) {}

    private final AtomicInteger unsealed;

    @SuppressWarnings("UnusedVariable") // through its handle
    private long seq;

    @SuppressWarnings("UnusedVariable") // through its handle
    private long micros;

    private long bytes;
    private volatile Optional<Active> active = Optional.empty();
    private volatile long disk;
    private volatile long noSegment;

    StreamProgress(AtomicInteger unsealed) {
        this.unsealed = unsealed;
    }

    void began(long number, long seqBefore, MappedSegment file) {
        active = Optional.of(new Active(number, seqBefore, file));
    }

    void ended() {
        active = Optional.empty();
    }

    void rolled() {
        unsealed.incrementAndGet();
    }

    /** The stream's clock shows this; every record of an earlier time has been appended. */
    void reached(long now) {
        MICROS.setRelease(this, now);
    }

    void appended(long lastSeq, int lineBytes) {
        BYTES.setRelease(this, bytes + lineBytes);
        SEQ.setRelease(this, lastSeq);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void countDisk() {
        disk++;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void countNoSegment() {
        noSegment++;
    }

    Optional<Active> active() {
        return active;
    }

    long seq() {
        return (long) SEQ.getAcquire(this);
    }

    long micros() {
        return (long) MICROS.getAcquire(this);
    }

    long bytes() {
        return (long) BYTES.getAcquire(this);
    }

    long unloggedDisk() {
        return disk;
    }

    long unloggedNoSegment() {
        return noSegment;
    }

    private static VarHandle handle(String field) {
        try {
            return MethodHandles.lookup().findVarHandle(StreamProgress.class, field, long.class);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("its own field", e);
        }
    }
}
