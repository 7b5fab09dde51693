package io.counterfoil.sql.limits;

import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.SqlFile;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

import java.time.Instant;
import java.util.List;

/** The part of a merge that limits are about, in the same order and by the same statements, in steps that a test can interleave. */
final class LimitMerge implements AutoCloseable {
    private static final String USAGE = SqlFile.read("rollup/merge-usage.sql");
    private static final String PARTITION = "select create_usage_partition(:hour)";

    private final Handle handle;
    private final long batch;

    /** What a batch counts of one key. */
    record Used(Instant hour, long key, String route, String outcome, long requests, long units, long bytesOut) {
        Used(Instant hour, long key, String outcome, long requests, long units, long bytesOut) {
            this(hour, key, "items", outcome, requests, units, bytesOut);
        }
    }

    LimitMerge(Jdbi jdbi, List<Used> rows) {
        jdbi.useTransaction(handle -> rows.stream()
                .map(Used::hour)
                .distinct()
                .forEach(hour -> handle.createQuery(PARTITION)
                        .bind("hour", LimitEvaluation.utc(hour))
                        .mapTo(String.class)
                        .list()));
        handle = jdbi.open();
        handle.begin();
        batch = handle.createQuery("insert into batch (planned_at) values (now()) returning batch_id")
                .mapTo(Long.class)
                .one();
        handle.execute(
                "insert into batch_attempt (batch_id, part, attempt, usage_rows, segment_rows, reject_rows, requests)"
                        + " values (?, 0, 0, 0, 0, 0, 0)",
                batch);
        for (Used row : rows) {
            handle.createUpdate(
                            "insert into staged_usage (batch_id, part, attempt, hour, key_id, route, outcome, requests, units,"
                                    + " bytes_in, bytes_out, duration_us) values (:batch, 0, 0, :hour, :key, :route, :outcome, :requests,"
                                    + " :units, 0, :bytes, 1)")
                    .bind("batch", batch)
                    .bind("hour", LimitEvaluation.utc(row.hour()))
                    .bind("key", row.key())
                    .bind("route", row.route())
                    .bind("outcome", row.outcome())
                    .bind("requests", row.requests())
                    .bind("units", row.units())
                    .bind("bytes", row.bytesOut())
                    .execute();
        }
    }

    static void whole(Jdbi jdbi, List<Used> rows, Instant now) {
        try (LimitMerge merge = new LimitMerge(jdbi, rows)) {
            merge.usage();
            merge.evaluate(now);
        }
    }

    LimitMerge usage() {
        handle.createUpdate(USAGE).bind("batch", batch).execute();
        return this;
    }

    /** Waits for whoever holds control_version; then commits. */
    void evaluate(Instant now) {
        long version = ControlVersion.hold(handle) + 1;
        if (LimitEvaluation.batch(handle, batch, version, now, now) > 0) {
            ControlVersion.next(handle);
        }
        handle.commit();
    }

    @Override
    public void close() {
        handle.close();
    }
}
