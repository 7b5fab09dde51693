package io.counterfoil.accesslog.collected;

import io.counterfoil.accesslog.collected.CollectedBatch.CollectedRecord;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.SegmentReader;
import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.accesslog.record.RecordCursor;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Batches whose records say by their request id where they are from, and what a landing holds of them. */
final class Batches {
    static final String SOURCE = "shop";
    static final String KEY = "ab".repeat(32);
    static final String UNKNOWN_KEY = "cd".repeat(32);
    static final long KEY_ID = 7;

    private Batches() {}

    /** Of each five records, one has a key that nobody may know. */
    static CollectedBatch of(BatchId id, int records) {
        List<CollectedRecord> all = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            all.add(record(i, requestId(id, i), i % 5 == 4 ? UNKNOWN_KEY : KEY, Decision.ADMITTED));
        }
        return new CollectedBatch(id, 0, all, List.of());
    }

    static CollectedRecord record(int line, String requestId, String key, Decision decision) {
        return new CollectedRecord(
                line,
                1_764_140_000_000_000L + line,
                Optional.of(key),
                new RequestFacts(0, "items", "GET", 200, 0, 512, 99, 1, decision, requestId, "", "/v1/items/1"));
    }

    static String requestId(BatchId id, int index) {
        return id.instance() + "-" + id.number() + "-" + index;
    }

    static List<Seal> seals(FolderLanding landing) throws Exception {
        List<Seal> seals = new ArrayList<>();
        for (StreamId stream : landing.streams()) {
            seals.addAll(landing.sealsAfter(stream, 0, Integer.MAX_VALUE));
        }
        return seals;
    }

    /** Of all segments, each verified. */
    static List<LogRecord> records(FolderLanding landing) throws Exception {
        SegmentReader reader = new SegmentReader(landing);
        List<LogRecord> records = new ArrayList<>();
        for (Seal seal : seals(landing)) {
            RecordCursor cursor = reader.read(seal).cursor();
            while (cursor.next()) {
                records.add(cursor.record());
            }
        }
        return records;
    }
}
