package io.counterfoil.jobs.rollup;

import io.counterfoil.accesslog.landing.LandingReader;
import io.counterfoil.accesslog.landing.SegmentReader;
import io.counterfoil.accesslog.record.CorruptRecordException;
import io.counterfoil.accesslog.record.Outcome;
import io.counterfoil.accesslog.record.RecordCursor;
import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.segment.CorruptSegmentException;
import io.counterfoil.accesslog.segment.RecordVisitor;
import io.counterfoil.accesslog.segment.VerifiedSegment;
import io.counterfoil.jobs.rollup.Portion.Verdict;
import io.counterfoil.sql.rollup.SegmentKey;
import io.counterfoil.sql.rollup.StagedReject;
import io.counterfoil.sql.rollup.StagedSegment;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Counts whole segments in one pass: verifies each and sums its records by hour, key, route and outcome on the way. A segment that
 * is not what was sealed adds nothing and gets the verdict quarantined. One per task.
 */
final class SegmentCounter {
    private static final long HOUR_MICROS = 3_600_000_000L;
    private static final long HOUR_SECONDS = 3_600;
    /** 1990-01-01T00:00:00Z; a record before it has a clock that was never set. */
    private static final long EARLIEST_MICROS = 631_152_000L * 1_000_000;
    /** 16 TiB, or 200 days in microseconds: no request is that large. */
    private static final long MAX_MEASURE = 1L << 44;

    private static final int ROUTE = RecordFormat.COLUMNS.indexOf("route");

    private final SegmentReader reader;
    private final long latestMicros;
    private final Map<SegmentKey, Set<Long>> retried;
    private UsageSums sums = new UsageSums();
    private List<Verdict> verdicts = new ArrayList<>();
    /** Of the segment that is being counted, where it is a source's. */
    private final SortedMap<Long, Long> sourceHours = new TreeMap<>();

    /**
     * @param latestMicros records from here on are rejects: no clock may be that far ahead
     * @param retried segments of which only the records that begin at these bytes are judged: the others were counted before
     */
    SegmentCounter(LandingReader landing, long latestMicros, Map<SegmentKey, Set<Long>> retried) {
        this.reader = new SegmentReader(landing);
        this.latestMicros = latestMicros;
        this.retried = retried;
    }

    int groups() {
        return sums.groups();
    }

    /** What was summed since the last call. */
    UsageSums takeSums() {
        UsageSums taken = sums;
        sums = new UsageSums();
        return taken;
    }

    /** The verdicts since the last call. */
    List<Verdict> takeVerdicts() {
        List<Verdict> taken = verdicts;
        verdicts = new ArrayList<>();
        return taken;
    }

    /** @throws IOException where the landing cannot be reached; the task is to be tried again */
    void count(Seal seal) throws IOException {
        List<StagedReject> rejects = new ArrayList<>();
        Set<Long> again = retried.get(key(seal.id()));
        sourceHours.clear();
        try {
            if (again == null) {
                reader.rejects(seal).ifPresent(csv -> sourceRejects(seal, csv, rejects));
            }
            int imported = rejects.size();
            addEither(seal, rejects);
            long counted = (again == null ? seal.records().count() : again.size()) - (rejects.size() - imported);
            // What a damaged copy had added was taken back.
            sourceHours.values().removeIf(requests -> requests == 0);
            verdicts.add(verdict(seal, StagedSegment.Quarantine.NONE, counted, rejects, sourceHours));
        } catch (CorruptSegmentException e) {
            quarantine(seal, String.valueOf(e.getMessage()));
        }
    }

    /** Gives the verdict without reading. */
    void quarantine(Seal seal, String reason) {
        verdicts.add(verdict(seal, new StagedSegment.Quarantine(reason), 0, List.of(), new TreeMap<>()));
    }

    /** What lies under the segment's name, or another copy where that is not what was sealed. */
    private void addEither(Seal seal, List<StagedReject> rejects) throws IOException, CorruptSegmentException {
        int before = rejects.size();
        try {
            add(seal, reader.unverified(seal), rejects);
        } catch (CorruptSegmentException e) {
            Optional<byte[]> copy = reader.repaired(seal);
            if (copy.isEmpty()) {
                throw e;
            }
            rejects.subList(before, rejects.size()).clear();
            add(seal, copy.get(), rejects);
        }
    }

    private void add(Seal seal, byte[] csv, List<StagedReject> rejects) throws CorruptSegmentException {
        try {
            VerifiedSegment.verify(seal, csv, visitor(seal, 1, rejects));
        } catch (CorruptSegmentException e) {
            takeBack(seal, csv);
            throw e;
        }
    }

    /** What the same walk added until it failed. */
    private void takeBack(Seal seal, byte[] csv) {
        List<StagedReject> rejects = new ArrayList<>();
        try {
            VerifiedSegment.verify(seal, csv, visitor(seal, -1, rejects));
        } catch (CorruptSegmentException e) {
            return;
        }
        throw new IllegalStateException("segment " + seal.id() + " was corrupt and is not any more");
    }

    private RecordVisitor visitor(Seal seal, int sign, List<StagedReject> rejects) {
        Set<Long> again = retried.get(key(seal.id()));
        if (again == null) {
            return at -> add(seal, at, sign, rejects);
        }
        return at -> {
            if (again.contains((long) at.linePosition())) {
                add(seal, at, sign, rejects);
            }
        };
    }

    /** Adds the record at the cursor, or says why it cannot be counted. */
    private void add(Seal seal, RecordCursor record, int sign, List<StagedReject> rejects) {
        try {
            long micros = record.tsMicros();
            long units = record.units();
            long in = record.bytesIn();
            long out = record.bytesOut();
            long duration = record.durationMicros();
            Outcome outcome = Outcome.of(record.decision(), record.status());
            long keyId = record.keyId();
            if (micros < EARLIEST_MICROS || micros >= latestMicros) {
                rejects.add(reject(seal, record, "ts_us " + micros + " is before 1990 or more than a day ahead"));
            } else if ((units | in | out | duration) >= MAX_MEASURE) {
                rejects.add(reject(
                        seal,
                        record,
                        "a measure is " + MAX_MEASURE + " or more: units " + units + ", bytes in " + in + ", bytes out "
                                + out + ", duration_us " + duration));
            } else {
                int route = sums.route(record.bytes(), record.fieldStart(ROUTE), record.fieldEnd(ROUTE));
                if (route == RouteNames.NONE) {
                    rejects.add(reject(
                            seal,
                            record,
                            "route is '" + record.route() + "', expected 1 to 64 of a-z 0-9 . _ - alone"));
                    return;
                }
                sums.hour((int) (micros / HOUR_MICROS))
                        .add(keyId, route, outcome, sign, sign * units, sign * in, sign * out, sign * duration);
                if (seal.source().isPresent()) {
                    sourceHours.merge(micros / HOUR_MICROS * HOUR_SECONDS, (long) sign, Long::sum);
                }
            }
        } catch (CorruptRecordException e) {
            rejects.add(reject(seal, record, String.valueOf(e.getMessage())));
        }
    }

    private static StagedReject reject(Seal seal, RecordCursor cursor, String reason) {
        long line = cursor.seq() - seal.records().firstSeq() + 2;
        return new StagedReject(
                key(seal.id()),
                seal.id() + ".csv",
                line,
                cursor.linePosition(),
                cursor.position() - cursor.linePosition(),
                reason);
    }

    /** The lines of a foreign file that its import could not make a record of. */
    private static void sourceRejects(Seal seal, byte[] csv, List<StagedReject> rejects) {
        String file = seal.source().orElseThrow().file();
        try (CSVParser parser = CSVFormat.DEFAULT.parse(new StringReader(new String(csv, StandardCharsets.UTF_8)))) {
            for (CSVRecord row : parser) {
                rejects.add(new StagedReject(
                        key(seal.id()),
                        file,
                        Long.parseLong(row.get(0)),
                        Long.parseLong(row.get(1)),
                        Long.parseLong(row.get(2)),
                        row.get(3)));
            }
        } catch (IOException e) {
            throw new IllegalStateException("rejects of " + seal.id() + " are verified, but no CSV", e);
        }
    }

    private static Verdict verdict(
            Seal seal,
            StagedSegment.Quarantine quarantine,
            long counted,
            List<StagedReject> rejects,
            SortedMap<Long, Long> hours) {
        return new Verdict(new StagedSegment(key(seal.id()), quarantine, counted, rejects.size(), hours), rejects);
    }

    static SegmentKey key(SegmentId id) {
        return new SegmentKey(id.stream().edge(), id.stream().epoch().toString(), id.stream().stream(), id.number());
    }
}
