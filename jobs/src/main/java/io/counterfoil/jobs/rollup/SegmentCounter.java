package io.counterfoil.jobs.rollup;

import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.landing.SegmentReader;
import io.counterfoil.accesslog.record.CorruptRecordException;
import io.counterfoil.accesslog.record.Outcome;
import io.counterfoil.accesslog.record.RecordCursor;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.segment.CorruptSegmentException;
import io.counterfoil.accesslog.segment.VerifiedSegment;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Counts whole segments: verifies each, then sums its records by hour, key, route and outcome. A segment that is not what was sealed
 * adds nothing and gets the verdict quarantined. One per task.
 */
final class SegmentCounter {
    private static final long HOUR_SECONDS = 3600;
    private static final long MICROS = 1_000_000;
    /** 1990-01-01T00:00:00Z; a record before it has a clock that was never set. */
    private static final long EARLIEST_MICROS = 631_152_000L * MICROS;

    private final SegmentReader reader;
    private final long latestMicros;
    private final Map<UsageKey, StagingValue.Sums> sums = new HashMap<>();
    private final List<StagingValue.Verdict> verdicts = new ArrayList<>();

    /** @param latestMicros records from here on are rejects: no clock may be that far ahead */
    SegmentCounter(Landing landing, long latestMicros) {
        this.reader = new SegmentReader(landing);
        this.latestMicros = latestMicros;
    }

    Map<UsageKey, StagingValue.Sums> sums() {
        return sums;
    }

    List<StagingValue.Verdict> verdicts() {
        return verdicts;
    }

    /** @throws IOException where the landing cannot be reached; the task is to be tried again */
    void count(Seal seal) throws IOException {
        List<StagedReject> rejects = new ArrayList<>();
        try {
            VerifiedSegment segment = reader.read(seal);
            reader.rejects(seal).ifPresent(csv -> sourceRejects(seal, csv, rejects));
            long counted = count(segment, rejects);
            verdicts.add(verdict(seal, Optional.empty(), counted, rejects));
        } catch (CorruptSegmentException e) {
            quarantine(seal, String.valueOf(e.getMessage()));
        }
    }

    /** Gives the verdict without reading. */
    void quarantine(Seal seal, String reason) {
        verdicts.add(verdict(seal, Optional.of(reason), 0, new ArrayList<>()));
    }

    private long count(VerifiedSegment segment, List<StagedReject> rejects) throws CorruptSegmentException {
        RecordCursor cursor = segment.cursor();
        long counted = 0;
        try {
            while (cursor.next()) {
                Optional<String> reason = add(cursor);
                if (reason.isEmpty()) {
                    counted++;
                } else {
                    rejects.add(reject(segment.seal(), cursor, reason.get()));
                }
            }
        } catch (CorruptRecordException e) {
            // The walk before, in verify(), went through: the memory changed under us.
            throw new IllegalStateException("segment " + segment.seal().id() + " changed while it was read", e);
        }
        return counted;
    }

    /** Adds the record at the cursor, or says why it cannot be counted. */
    private Optional<String> add(RecordCursor record) {
        try {
            long micros = record.tsMicros();
            if (micros < EARLIEST_MICROS || micros >= latestMicros) {
                return Optional.of("ts_us " + micros + " is before 1990 or more than a day ahead");
            }
            long hour = micros / MICROS / HOUR_SECONDS * HOUR_SECONDS;
            String outcome = Outcome.of(record.decision(), record.status()).text();
            StagingValue.Sums one = new StagingValue.Sums(
                    1, record.units(), record.bytesIn(), record.bytesOut(), record.durationMicros());
            sums.merge(new UsageKey(hour, record.keyId(), record.route(), outcome), one, StagingValue.Sums::plus);
            return Optional.empty();
        } catch (CorruptRecordException e) {
            return Optional.of(String.valueOf(e.getMessage()));
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

    private static StagingValue.Verdict verdict(
            Seal seal, Optional<String> quarantine, long counted, List<StagedReject> rejects) {
        StagedSegment segment = new StagedSegment(
                key(seal.id()),
                quarantine.map(StagedSegment.Quarantine::new).orElse(StagedSegment.Quarantine.NONE),
                counted,
                rejects.size());
        return new StagingValue.Verdict(segment, rejects);
    }

    static SegmentKey key(SegmentId id) {
        return new SegmentKey(id.stream().edge(), id.stream().epoch().toString(), id.stream().stream(), id.number());
    }
}
