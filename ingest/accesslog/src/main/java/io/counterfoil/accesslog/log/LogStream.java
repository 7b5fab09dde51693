package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.record.RecordEncoder;
import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.RecordRange;

import java.util.Queue;

/**
 * One event loop's log. Every method is that event loop's alone; per append there is no lock, no allocation and no system call.
 * A record is safe from the death of the process when {@link #append} returns: only then may the request's last bytes go out.
 */
public final class LogStream {
    private final StreamId id;
    private final MicroClock clock;
    private final ControlPage control;
    private final SpareFiles spares;
    private final Queue<RolledSegment> rolled;
    private final StreamProgress progress;
    private final RecordEncoder encoder = new RecordEncoder();

    private MappedSegment active;
    private long number;
    private long firstSeq = 1;
    private long lastSeq;
    private long firstMicros;
    private long lastRecordMicros;
    /** The stream's clock: no record is earlier, though the wall clock may step back. */
    private long lastMicros;

    private long clockStepMicros;
    private long rolledMicros;
    private boolean ended;

    /** @param spares one of them ready */
    LogStream(
            StreamId id,
            MicroClock clock,
            ControlPage control,
            SpareFiles spares,
            Queue<RolledSegment> rolled,
            StreamProgress progress) {
        this.id = id;
        this.clock = clock;
        this.control = control;
        this.spares = spares;
        this.rolled = rolled;
        this.progress = progress;
        rolledMicros = clock.micros();
        begin(spares.poll());
    }

    /**
     * Appends one record with the next sequence number and the stream's time.
     *
     * @return false where no prepared segment was ready; the request is then counted as unlogged
     */
    public boolean append(RequestFacts facts) {
        if (ended) {
            throw new IllegalStateException("stream " + id + " has ended; a request may not be answered any more");
        }
        long before = lastSeq;
        try {
            if (tryAppend(facts)) {
                return true;
            }
        } catch (InternalError e) {
            // A store into the mapping raised SIGBUS: this one, or an earlier one of compiled code. Who seals reads the
            // file again and counts what of the acknowledged is not there.
            active.poison();
            if (lastSeq > before || tryAppend(facts)) {
                return true;
            }
        }
        if (spares.diskRefuses()) {
            control.countDisk();
            progress.countDisk();
        } else {
            control.countNoSegment();
            progress.countNoSegment();
        }
        return false;
    }

    private boolean tryAppend(RequestFacts facts) {
        long micros = tick();
        int bytes = encoder.encode(lastSeq + 1, micros, facts);
        // Again where the next file fails at its first line.
        while (!active.fits(bytes)) {
            if (!roll(false)) {
                return false;
            }
            // The seal has just promised that no later record is earlier than its own last look at the clock.
            micros = tick();
            bytes = encoder.encode(lastSeq + 1, micros, facts);
        }
        active.append(encoder.line(), bytes);
        long seq = ++lastSeq;
        control.acknowledge(seq);
        lastRecordMicros = micros;
        if (seq == firstSeq) {
            firstMicros = micros;
        }
        progress.appended(seq, bytes);
        return true;
    }

    /** Whether the next record can surely be appended now. */
    public boolean ready() {
        return !ended && (active.fits(RecordFormat.MAX_LINE_BYTES) || canRoll());
    }

    /** Whether the next segment's file is there. */
    boolean canRoll() {
        return spares.isReady();
    }

    /** Counts a request whose end was seen on the connection. Called by whoever sees it there, never by the one who appends. */
    public void countServed() {
        control.countServed();
    }

    /**
     * For whoever meets an {@link InternalError} on this event loop: Java 17 may report a failed store into a mapping long after
     * it happened, in the midst of other code. The active segment takes no more records; the next append begins a new file.
     */
    public void suspectMapping() {
        active.poison();
    }

    /**
     * Rolls the active segment where it holds anything, or where the last roll is longer ago than that.
     *
     * @param idleMicros an idle stream seals an empty segment this often, so that readers know it is alive
     */
    public void rollIfDue(long idleMicros) {
        if (ended) {
            return;
        }
        boolean anything = lastSeq >= firstSeq
                || control.served() > 0
                || control.unlogged().total() > 0;
        if (anything || active.poisoned() || Math.abs(clock.micros() - rolledMicros) >= idleMicros) {
            // Where no spare is ready the segment simply stays active until the next call.
            roll(false);
        }
    }

    /** Rolls for the last time; the seal will say that nothing follows. */
    public void end() {
        if (!ended) {
            roll(true);
            ended = true;
        }
    }

    private void begin(MappedSegment segment) {
        SegmentId next = new SegmentId(id, ++number);
        active = segment;
        firstSeq = lastSeq + 1;
        clockStepMicros = 0;
        control.begin(number, lastSeq);
        encoder.begin(next);
        try {
            active.begin(next);
        } catch (InternalError e) {
            // Sealed empty at the next roll, with nothing acknowledged in it.
            active.poison();
        }
        progress.began(number, lastSeq, active);
    }

    private long tick() {
        long now = clock.micros();
        if (now < lastMicros) {
            clockStepMicros = Math.max(clockStepMicros, lastMicros - now);
        } else {
            lastMicros = now;
            progress.reached(now);
        }
        return lastMicros;
    }

    private boolean roll(boolean end) {
        MappedSegment next = end ? null : spares.poll();
        if (next == null && !end) {
            return false;
        }
        long through = tick();
        rolledMicros = clock.micros();
        RecordRange records = lastSeq < firstSeq
                ? RecordRange.empty(firstSeq)
                : new RecordRange(lastSeq - firstSeq + 1, firstSeq, lastSeq, firstMicros, lastRecordMicros);
        RolledSegment segment = new RolledSegment(
                new SegmentId(id, number),
                active,
                control,
                records,
                control.served(),
                control.unlogged(),
                through,
                clockStepMicros,
                end);
        if (next != null) {
            begin(next);
        } else {
            progress.ended();
        }
        // Last: from here on the file is another thread's.
        progress.rolled();
        rolled.add(segment);
        return true;
    }
}
