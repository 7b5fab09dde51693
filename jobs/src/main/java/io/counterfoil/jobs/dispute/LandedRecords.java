package io.counterfoil.jobs.dispute;

import io.counterfoil.accesslog.landing.LandingReader;
import io.counterfoil.accesslog.landing.SegmentReader;
import io.counterfoil.accesslog.record.CorruptRecordException;
import io.counterfoil.accesslog.record.RecordCursor;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.segment.CorruptSegmentException;
import io.counterfoil.accesslog.segment.VerifiedSegment;
import io.counterfoil.jobs.archive.PlacedRecord;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.dispute.DisputeRows;
import io.counterfoil.sql.dispute.DisputeRows.Segment;
import io.counterfoil.sql.rollup.SegmentKey;
import org.jdbi.v3.core.result.ResultIterator;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Records from the landing, hour by hour in the order of time: of segments that the ledger counted, each verified against its seal, without
 * those that the rollup rejected. Holds few segments at a time, however long the time is.
 */
final class LandedRecords implements AutoCloseable {
    private static final long HOUR_MICROS = 3_600_000_000L;
    /** 8 MiB each; those of one hour mostly reach into the next. */
    private static final int HELD = 8;

    private final LandingReader landing;
    private final DisputeRows rows;
    private final ResultIterator<Segment> segments;
    private final List<Segment> touching = new ArrayList<>();
    private Optional<Segment> next;
    private final Map<SegmentKey, String> unreadable =
            new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
    private final LinkedHashMap<SegmentKey, VerifiedSegment> held = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<SegmentKey, VerifiedSegment> eldest) {
            return size() > HELD;
        }
    };

    /** Of a time; the rows' transaction stays open until this is closed. */
    LandedRecords(LandingReader landing, DisputeRows rows, Instant from, Instant to) {
        this.landing = landing;
        this.rows = rows;
        this.segments = rows.segments(from, to);
        this.next = segments.hasNext() ? Optional.of(segments.next()) : Optional.empty();
    }

    /** Is shown a record, and the batch that counted it. */
    @FunctionalInterface
    interface Visitor {
        void visit(PlacedRecord record, long batch);
    }

    /**
     * Shows an hour's records of those keys. Each call is of a later hour.
     *
     * @return the segments that were read
     * @throws OperatorException category DOWN where the landing cannot be reached
     */
    Set<SegmentKey> hour(Instant hour, Set<Long> keys, Visitor visitor) {
        long from = hour.getEpochSecond() * 1_000_000;
        long to = from + HOUR_MICROS;
        touching.removeIf(segment -> segment.lastMicros() < from);
        while (next.isPresent() && next.get().firstMicros() < to) {
            if (next.get().lastMicros() >= from) {
                touching.add(next.get());
            }
            next = segments.hasNext() ? Optional.of(segments.next()) : Optional.empty();
        }
        Set<SegmentKey> read = new HashSet<>();
        for (Segment segment : touching) {
            verified(segment.key()).ifPresent(found -> {
                Set<Long> rejected = segment.rejected() == 0 ? Set.of() : rows.rejected(segment.key());
                show(segment, found, from, keys, rejected, visitor);
                read.add(segment.key());
            });
        }
        return read;
    }

    /** What could not be read, and why. */
    Map<SegmentKey, String> unreadable() {
        return unreadable;
    }

    private Optional<VerifiedSegment> verified(SegmentKey key) {
        VerifiedSegment known = held.get(key);
        if (known != null || unreadable.containsKey(key)) {
            return Optional.ofNullable(known);
        }
        try {
            VerifiedSegment read = new SegmentReader(landing).read(landing.seal(SegmentId.parse(key.toString())));
            held.put(key, read);
            return Optional.of(read);
        } catch (CorruptSegmentException e) {
            unreadable.put(key, String.valueOf(e.getMessage()));
        } catch (NoSuchFileException | FileNotFoundException e) {
            unreadable.put(key, "it is not in the landing");
        } catch (IOException e) {
            throw OperatorException.down(
                    "segment " + key + " cannot be read from the landing: " + e.getMessage()
                            + "; run it again once it answers",
                    e);
        }
        return Optional.empty();
    }

    private static void show(
            Segment segment, VerifiedSegment verified, long from, Set<Long> keys, Set<Long> rejected, Visitor visitor) {
        RecordCursor cursor = verified.cursor();
        try {
            while (cursor.next()) {
                long micros = cursor.tsMicros();
                if (micros >= from
                        && micros < from + HOUR_MICROS
                        && !rejected.contains(cursor.seq())
                        && keys.contains(cursor.keyId())) {
                    visitor.visit(new PlacedRecord(segment.key(), cursor.record()), segment.batch());
                }
            }
        } catch (CorruptRecordException e) {
            throw new IllegalStateException("segment " + segment.key() + " was verified and is corrupt", e);
        }
    }

    @Override
    public void close() {
        segments.close();
    }
}
