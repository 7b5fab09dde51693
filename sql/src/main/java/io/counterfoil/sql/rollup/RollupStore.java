package io.counterfoil.sql.rollup;

import io.counterfoil.sql.SqlFile;
import io.counterfoil.sql.limits.LimitEvaluation;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the rollup's driver reads and plans: marks, what the ledger holds behind them, batches, and staging's clean-up. */
public final class RollupStore {
    private static final String CLEAN = SqlFile.read("rollup/clean-staging.sql");

    private final Jdbi jdbi;

    public RollupStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Up to which number a stream is in the ledger without a gap; {@code ended}: no segment will follow. */
    public record Mark(long number, boolean ended) {
        public static final Mark NONE = new Mark(0, false);
    }

    /** Marks by stream; the key's number is 0. */
    public Map<SegmentKey, Mark> marks() {
        Map<SegmentKey, Mark> marks = new HashMap<>();
        jdbi.useHandle(handle -> handle.createQuery("select edge, epoch, stream, number, ended from stream_mark")
                .map((row, context) -> Map.entry(
                        new SegmentKey(row.getString("edge"), row.getString("epoch"), row.getInt("stream"), 0),
                        new Mark(row.getLong("number"), row.getBoolean("ended"))))
                .forEach(entry -> marks.put(entry.getKey(), entry.getValue())));
        return marks;
    }

    /** Which numbers above a mark the ledger holds already: those behind a gap. */
    public Set<Long> numbersAfter(SegmentKey stream, long mark) {
        return jdbi.withHandle(handle -> new HashSet<>(handle.createQuery("select number from ledger where edge = :edge"
                        + " and epoch = :epoch and stream = :stream and number > :mark")
                .bind("edge", stream.edge())
                .bind("epoch", stream.epoch())
                .bind("stream", stream.stream())
                .bind("mark", mark)
                .mapTo(Long.class)
                .list()));
    }

    /** Freezes a plan; returns the batch's number. */
    public long plan(Collection<PlannedSegment> segments, Instant now) {
        return jdbi.inTransaction(handle -> {
            long batch = handle.createQuery("insert into batch (planned_at) values (:now) returning batch_id")
                    .bind("now", now.atOffset(ZoneOffset.UTC))
                    .mapTo(Long.class)
                    .one();
            insertPlan(handle, batch, segments);
            return batch;
        });
    }

    private static void insertPlan(Handle handle, long batch, Collection<PlannedSegment> segments) {
        PreparedBatch rows =
                handle.prepareBatch("insert into batch_segment (batch_id, edge, epoch, stream, number, seal, repair_id)"
                        + " values (:batch, :edge, :epoch, :stream, :number, :seal::jsonb, :repair)");
        for (PlannedSegment planned : segments) {
            SegmentKey segment = planned.segment();
            rows.bind("batch", batch)
                    .bind("edge", segment.edge())
                    .bind("epoch", segment.epoch())
                    .bind("stream", segment.stream())
                    .bind("number", segment.number())
                    .bind("seal", planned.sealJson())
                    .bind(
                            "repair",
                            planned.repairId().isPresent()
                                    ? (Long) planned.repairId().getAsLong()
                                    : null)
                    .add();
        }
        rows.execute();
    }

    /** Second looks that wait for a batch, oldest first. */
    public List<OpenRepair> openRepairs(int limit) {
        return new RepairStore(jdbi).open(limit);
    }

    /** Deletes staged rows that nobody can need any more, and a part of what was used of limits in windows that ended days ago. */
    public void clean(Instant now) {
        jdbi.useHandle(handle -> {
            handle.execute(CLEAN);
            LimitEvaluation.forgetPassed(handle, now);
        });
    }

    /** Quarantined segments of a batch with the reason, also those whose second look changed nothing, for the operator. */
    public List<String> quarantined(long batch) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select edge || '/' || epoch || '/' || stream || '/' || number"
                                + " || ': ' || reason from (select edge, epoch, stream, number, reason from ledger"
                                + " where batch_id = :batch and verdict = 'quarantined' union all"
                                + " select edge, epoch, stream, number, fault from repair"
                                + " where batch_id = :batch and fault is not null) judged"
                                + " order by edge, epoch, stream, number")
                        .bind("batch", batch)
                        .mapTo(String.class)
                        .list());
    }
}
