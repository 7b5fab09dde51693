package io.counterfoil.sql.rollup;

import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.DatabaseFault;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.SqlFile;
import io.counterfoil.sql.hours.Completeness;
import io.counterfoil.sql.limits.LimitEvaluation;
import io.counterfoil.sql.limits.UsageLimit;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The one transaction that counts a batch: ledger first, then usage, rejects and marks, then control_version, what it adds to
 * billed hours, the hours' status, limits and flags.
 * Whatever happens to it, its segments are counted once or not at all.
 */
public final class Merge {
    private static final String LEDGER = SqlFile.read("rollup/insert-ledger.sql");
    private static final String FOLDED = SqlFile.read("rollup/folded-already.sql");
    private static final String TOTALS = SqlFile.read("rollup/staged-totals.sql");
    private static final String OVERLAPS = SqlFile.read("rollup/overlapping-ranges.sql");
    private static final String COUNTED_BATCHES = SqlFile.read("rollup/counted-batches.sql");
    private static final String PARTITIONS = SqlFile.read("rollup/create-partitions.sql");
    private static final String JUDGE = SqlFile.read("rollup/judge-repairs.sql");
    private static final List<String> REPAIR = List.of(
            SqlFile.read("rollup/count-repaired.sql"),
            SqlFile.read("rollup/count-retried.sql"),
            SqlFile.read("rollup/drop-retried.sql"),
            SqlFile.read("rollup/forget-audits.sql"));
    private static final List<String> ADD = List.of(
            SqlFile.read("rollup/merge-usage.sql"),
            SqlFile.read("rollup/merge-rejects.sql"),
            SqlFile.read("rollup/update-marks.sql"));
    private static final String RESTATE = SqlFile.read("rollup/record-restatements.sql");
    private static final String RAISED = SqlFile.read("limits/raised.sql");
    /** What a large batch's rows are grouped and sorted in; without it, on disk. */
    private static final String MEMORY = "set local work_mem = '64MB'";

    private static final int TRIES = 6;
    private static final long RETRY_MILLIS = 200;

    private final Jdbi jdbi;

    public Merge(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Merges what the accepted attempts staged. Tries again after deadlocks and lost connections; where the outcome of a COMMIT is
     * unknown, the next try's ledger insert waits for it and then finds out.
     *
     * @param planned how many segments the batch's plan has
     * @param now for windows that have passed
     * @param asOf up to when the usage is known, for the flags
     * @throws OperatorException category DOWN where the database stays away, CORRUPT where staging contradicts itself; nothing was
     *     changed then
     */
    public MergeResult merge(long batch, int planned, List<StagedAttempt> attempts, Instant now, Instant asOf) {
        for (int attempt = 1; ; attempt++) {
            try {
                jdbi.useTransaction(handle -> handle.createQuery(PARTITIONS)
                        .bind("batch", batch)
                        .bind("now", utc(now))
                        .mapTo(String.class)
                        .list());
                return jdbi.inTransaction(
                        TransactionIsolationLevel.READ_COMMITTED,
                        handle -> merge(handle, batch, planned, attempts, now, asOf));
            } catch (PlanAnew e) {
                return new MergeResult(false, List.of(), e.overlapping);
            } catch (JdbiException e) {
                if (DatabaseFault.of(e) == DatabaseFault.OTHER || attempt == TRIES) {
                    throw e;
                }
                pause(attempt);
            }
        }
    }

    private static MergeResult merge(
            Handle handle, long batch, int planned, List<StagedAttempt> attempts, Instant now, Instant asOf) {
        if (committed(handle, batch)) {
            return new MergeResult(true, List.of(), List.of());
        }
        handle.execute(MEMORY);
        insertAttempts(handle, batch, attempts);
        int inserted = handle.createUpdate(LEDGER).bind("batch", batch).execute();
        int judged = handle.createUpdate(JUDGE)
                .bind("batch", batch)
                .bind("now", utc(now))
                .execute();
        if (inserted + judged != planned) {
            // Waited for another transaction on the same rows; if that was this batch's own, whose answer got lost, all
            // is done.
            if (committed(handle, batch)) {
                return new MergeResult(true, List.of(), List.of());
            }
            throw new PlanAnew(List.of());
        }
        if (folded(handle, batch)) {
            throw new PlanAnew(List.of());
        }
        if (judged > 0) {
            execute(handle, REPAIR, batch);
        }
        check(handle, batch, attempts);
        execute(handle, ADD, batch);
        // Held until the commit; it moves on only where edges have something to learn.
        long version = ControlVersion.hold(handle) + 1;
        requireNone(handle, COUNTED_BATCHES, batch);
        handle.createUpdate(RESTATE)
                .bind("batch", batch)
                .bind("merge_no", version)
                .execute();
        Completeness.merged(handle, batch, now);
        List<MergeResult.Flag> flags = List.of();
        if (LimitEvaluation.batch(handle, batch, version, now, asOf) > 0) {
            flags = raised(handle, version, now);
            ControlVersion.next(handle);
            ControlVersion.wakeEdges(handle, version);
        }
        handle.createUpdate("update batch set committed_at = :now where batch_id = :batch")
                .bind("now", utc(now))
                .bind("batch", batch)
                .execute();
        return new MergeResult(true, flags, List.of());
    }

    private static void execute(Handle handle, List<String> statements, long batch) {
        for (String statement : statements) {
            handle.createUpdate(statement).bind("batch", batch).execute();
        }
    }

    /**
     * @throws PlanAnew where the batch is gone: retention took it away with its last segment, or a server that took over from one that
     *     died lacks what that one did last
     */
    private static boolean committed(Handle handle, long batch) {
        return handle.createQuery("select committed_at is not null from batch where batch_id = :batch")
                .bind("batch", batch)
                .mapTo(Boolean.class)
                .findOne()
                .orElseThrow(() -> new PlanAnew(List.of()));
    }

    private static boolean folded(Handle handle, long batch) {
        return handle.createQuery(FOLDED)
                .bind("batch", batch)
                .mapTo(Boolean.class)
                .one();
    }

    private static void insertAttempts(Handle handle, long batch, List<StagedAttempt> attempts) {
        PreparedBatch rows = handle.prepareBatch(
                "insert into batch_attempt (batch_id, part, attempt, usage_rows,"
                        + " segment_rows, reject_rows, requests, units, bytes_in, bytes_out, duration_us) values (:batch, :part,"
                        + " :attempt, :usage, :segments, :rejects, :requests, :units, :in, :out, :duration) on conflict do nothing");
        for (StagedAttempt attempt : attempts) {
            rows.bind("batch", batch)
                    .bind("part", attempt.part())
                    .bind("attempt", attempt.attempt())
                    .bind("usage", attempt.usageRows())
                    .bind("segments", attempt.segmentRows())
                    .bind("rejects", attempt.rejectRows())
                    .bind("requests", attempt.sums().requests())
                    .bind("units", attempt.sums().units())
                    .bind("in", attempt.sums().bytesIn())
                    .bind("out", attempt.sums().bytesOut())
                    .bind("duration", attempt.sums().durationMicros())
                    .add();
        }
        rows.execute();
    }

    private static void check(Handle handle, long batch, List<StagedAttempt> attempts) {
        StagedTotals staged = handle.createQuery(TOTALS)
                .bind("batch", batch)
                .map((row, context) -> new StagedTotals(
                        row.getLong("usage_rows"),
                        row.getLong("segment_rows"),
                        row.getLong("reject_rows"),
                        new StagedSums(
                                row.getLong("requests"),
                                row.getLong("units"),
                                row.getLong("bytes_in"),
                                row.getLong("bytes_out"),
                                row.getLong("duration_us")),
                        row.getLong("counted"),
                        row.getLong("rejected")))
                .one();
        // What the tasks say they staged, and what the segments' verdicts say they hold, must both be what is there.
        StagedTotals expected = StagedTotals.of(attempts);
        if (!staged.equals(expected)) {
            throw OperatorException.corrupt("batch " + batch + ": staging and verdicts hold " + staged + ", expected "
                    + expected + "; nothing was counted, run the rollup again");
        }
        requireNone(handle, OVERLAPS, batch);
    }

    /** @throws PlanAnew with the segments that the query finds: they are to be quarantined */
    private static void requireNone(Handle handle, String query, long batch) {
        List<SegmentKey> overlapping = handle.createQuery(query)
                .bind("batch", batch)
                .map((row, context) -> new SegmentKey(
                        row.getString("edge"), row.getString("epoch"), row.getInt("stream"), row.getLong("number")))
                .list();
        if (!overlapping.isEmpty()) {
            throw new PlanAnew(overlapping);
        }
    }

    private record StagedTotals(
            long usageRows, long segmentRows, long rejectRows, StagedSums sums, long counted, long rejected) {
        static StagedTotals of(List<StagedAttempt> attempts) {
            StagedTotals all = new StagedTotals(0, 0, 0, StagedSums.NONE, 0, 0);
            for (StagedAttempt each : attempts) {
                all = new StagedTotals(
                        all.usageRows + each.usageRows(),
                        all.segmentRows + each.segmentRows(),
                        all.rejectRows + each.rejectRows(),
                        all.sums.plus(each.sums()),
                        all.counted + each.requests(),
                        all.rejected + each.rejectRows());
            }
            return all;
        }
    }

    private static List<MergeResult.Flag> raised(Handle handle, long version, Instant now) {
        return handle.createQuery(RAISED)
                .bind("version", version)
                .bind("now", utc(now))
                .map((row, context) -> new MergeResult.Flag(
                        row.getString("subject"),
                        UsageLimit.text(row.getLong("quota"), row.getString("measure"), row.getString("time_window")),
                        row.getString("action"),
                        row.getLong("used"),
                        row.getObject("resets_at", OffsetDateTime.class).toInstant()))
                .list();
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }

    private static void pause(int attempt) {
        try {
            TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS << attempt);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting to merge again; nothing is lost", e);
        }
    }

    /** Rolls the transaction back. */
    private static final class PlanAnew extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient List<SegmentKey> overlapping;

        PlanAnew(List<SegmentKey> overlapping) {
            this.overlapping = overlapping;
        }
    }
}
