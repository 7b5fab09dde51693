package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.record.RecordEncoder;
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
    private final Queue<MappedSegment> spares;
    private final Queue<RolledSegment> rolled;
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

    LogStream(
            StreamId id,
            MicroClock clock,
            ControlPage control,
            Queue<MappedSegment> spares,
            Queue<RolledSegment> rolled) {
        this.id = id;
        this.clock = clock;
        this.control = control;
        this.spares = spares;
        this.rolled = rolled;
        rolledMicros = clock.micros();
        begin(spares.remove());
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
        long micros = tick();
        int bytes = encoder.encode(lastSeq + 1, micros, facts);
        if (!active.fits(bytes)) {
            if (!roll(false)) {
                control.countNoSegment();
                return false;
            }
            // The seal has just promised that no later record is earlier than its own last look at the clock.
            micros = tick();
            bytes = encoder.encode(lastSeq + 1, micros, facts);
        }
        active.append(encoder.line(), bytes);
        lastSeq++;
        lastRecordMicros = micros;
        if (lastSeq == firstSeq) {
            firstMicros = micros;
        }
        return true;
    }

    /** Counts a request whose end was seen on the connection. Called by whoever sees it there, never by the one who appends. */
    public void countServed() {
        control.countServed();
    }

    /**
     * Rolls the active segment where it holds anything, or where the last roll is longer ago than that.
     *
     * @param idleMicros an idle stream seals an empty segment this often, so that readers know it is alive
     */
    public void rollIfDue(long idleMicros) {
        boolean anything = lastSeq >= firstSeq
                || control.served() > 0
                || control.unlogged().total() > 0;
        if (!ended && (anything || Math.abs(clock.micros() - rolledMicros) >= idleMicros)) {
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
        control.begin(number);
        encoder.begin(next);
        active.begin(next);
    }

    private long tick() {
        long now = clock.micros();
        if (now < lastMicros) {
            clockStepMicros = Math.max(clockStepMicros, lastMicros - now);
        } else {
            lastMicros = now;
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
        rolled.add(new RolledSegment(
                new SegmentId(id, number),
                active,
                active.used(),
                records,
                control.served(),
                control.unlogged(),
                through,
                clockStepMicros,
                end));
        if (next != null) {
            begin(next);
        }
        return true;
    }
}
