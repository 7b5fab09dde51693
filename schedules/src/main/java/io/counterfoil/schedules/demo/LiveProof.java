package io.counterfoil.schedules.demo;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.SegmentReader;
import io.counterfoil.accesslog.record.CorruptRecordException;
import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.accesslog.record.Outcome;
import io.counterfoil.accesslog.record.RecordCursor;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.segment.CorruptSegmentException;
import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What the edge's landed log says of the live part: how many requests were served (counted apart from the log), how many logged,
 * and, from the records themselves, when the limit was crossed and when the refusals began.
 *
 * @param served by the seals
 * @param logged records read
 * @param records of the one key, in the order of their time
 */
record LiveProof(long served, long logged, List<LogRecord> records) {
    private static final long HOUR_MICROS = 3_600_000_000L;

    static LiveProof read(Path landingFolder, String edge) {
        FolderLanding landing = new FolderLanding(landingFolder);
        SegmentReader reader = new SegmentReader(landing);
        long served = 0;
        List<LogRecord> records = new ArrayList<>();
        try {
            for (StreamId stream : landing.streams()) {
                if (stream.edge().equals(edge)) {
                    for (Seal seal : landing.sealsAfter(stream, 0, Integer.MAX_VALUE)) {
                        served += seal.served();
                        RecordCursor cursor = reader.read(seal).cursor();
                        while (cursor.next()) {
                            records.add(cursor.record());
                        }
                    }
                }
            }
        } catch (IOException | CorruptSegmentException | CorruptRecordException e) {
            throw OperatorException.corrupt("landing " + landingFolder + ": " + e.getMessage());
        }
        records.sort(java.util.Comparator.comparingLong(LogRecord::tsMicros).thenComparingLong(LogRecord::seq));
        return new LiveProof(served, records.size(), records);
    }

    /** When the quota was used up, how long the flag took from there, and how many requests passed meanwhile. */
    record Overshoot(Instant crossed, Duration flagTook, long requests) {}

    /** Of the hour in which the first refusal fell. */
    Overshoot overshoot(long quota) {
        LogRecord refused = records.stream()
                .filter(record -> record.outcome() == Outcome.REFUSED)
                .findFirst()
                .orElseThrow(() -> OperatorException.corrupt("the log holds no refusal, the client got one"));
        long hour = refused.tsMicros() / HOUR_MICROS;
        List<LogRecord> passed = records.stream()
                .filter(record -> record.outcome() == Outcome.SUCCESS && record.tsMicros() / HOUR_MICROS == hour)
                .toList();
        if (passed.size() < quota) {
            throw OperatorException.corrupt(
                    "refused after " + passed.size() + " requests of the hour, the limit is " + quota);
        }
        long crossed = passed.get((int) quota - 1).tsMicros();
        return new Overshoot(
                Instant.EPOCH.plusNanos(crossed * 1000),
                Duration.ofNanos((refused.tsMicros() - crossed) * 1000),
                passed.size() - quota);
    }
}
