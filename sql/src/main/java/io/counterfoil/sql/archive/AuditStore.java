package io.counterfoil.sql.archive;

import io.counterfoil.sql.SqlFile;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What an audit compares with, all of one moment. */
public final class AuditStore {
    private static final String HOURS = SqlFile.read("archive/auditable-hours.sql");
    private static final int FETCH_ROWS = 10_000;

    private final Jdbi jdbi;

    public AuditStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** An hour all of whose records lie in archives up to that one. */
    public record AuditableHour(Instant hour, long archive) {}

    /** A record that the rollup rejected: it lies in the archive and is not counted. */
    public record RejectedRecord(String edge, String epoch, int stream, long segment, long seq) {}

    /** A row of {@code usage_hourly}; sums are requests, units, bytes in, bytes out, duration in microseconds. */
    public record UsageRow(Instant hour, long keyId, String route, String outcome, List<Long> sums) {}

    /**
     * What to audit.
     *
     * @param files below the archive's root, with all of the hours' records
     */
    public record Scope(List<AuditableHour> hours, List<String> files, List<RejectedRecord> rejected) {}

    /**
     * The hours that can be audited, and what {@code usage_hourly} says of them, in order of hour, key, route, outcome (by bytes).
     *
     * @param all also hours that were audited since something was last added to them
     */
    public Scope scope(Optional<Instant> from, Optional<Instant> to, boolean all, Consumer<UsageRow> usage) {
        return jdbi.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, handle -> {
            List<AuditableHour> hours = handle.createQuery(HOURS)
                    .bind("from", from.map(ArchiveStore::utc).orElse(null))
                    .bind("to", to.map(ArchiveStore::utc).orElse(null))
                    .bind("all", all)
                    .map((row, context) -> new AuditableHour(
                            row.getObject("hour", OffsetDateTime.class).toInstant(), row.getLong("archive_id")))
                    .list();
            OffsetDateTime[] array =
                    hours.stream().map(hour -> ArchiveStore.utc(hour.hour())).toArray(OffsetDateTime[]::new);
            List<String> files = handle.createQuery(
                            "select path from archive_file where hour = any (:hours) order by path")
                    .bindArray("hours", OffsetDateTime.class, (Object[]) array)
                    .mapTo(String.class)
                    .list();
            usage(handle, array, usage);
            return new Scope(hours, files, rejected(handle));
        });
    }

    private static void usage(Handle handle, OffsetDateTime[] hours, Consumer<UsageRow> usage) {
        handle.createQuery("select hour, key_id, route, outcome, requests, units, bytes_in, bytes_out, duration_us"
                        + " from usage_hourly where hour = any (:hours)"
                        + " order by hour, key_id, route collate \"C\", outcome collate \"C\"")
                .bindArray("hours", OffsetDateTime.class, (Object[]) hours)
                .setFetchSize(FETCH_ROWS)
                .map((row, context) -> new UsageRow(
                        row.getObject("hour", OffsetDateTime.class).toInstant(),
                        row.getLong("key_id"),
                        row.getString("route"),
                        row.getString("outcome"),
                        List.of(
                                row.getLong("requests"),
                                row.getLong("units"),
                                row.getLong("bytes_in"),
                                row.getLong("bytes_out"),
                                row.getLong("duration_us"))))
                .forEach(usage);
    }

    /** Those of segments' own lines; an import's rejects never became records. */
    private static List<RejectedRecord> rejected(Handle handle) {
        return new ArrayList<>(handle.createQuery(
                        "select r.edge, r.epoch, r.stream, r.number, l.first_seq + r.line - 2 as seq"
                                + " from reject r join ledger l using (edge, epoch, stream, number)"
                                + " where r.file = r.edge || '/' || r.epoch || '/' || r.stream || '/' || r.number || '.csv'")
                .map((row, context) -> new RejectedRecord(
                        row.getString("edge"),
                        row.getString("epoch"),
                        row.getInt("stream"),
                        row.getLong("number"),
                        row.getLong("seq")))
                .list());
    }

    /** How an hour's audit ended. */
    public record Result(AuditableHour hour, long records, long differences) {}

    public void save(List<Result> results, Instant now) {
        if (results.isEmpty()) {
            return;
        }
        jdbi.useTransaction(handle -> {
            PreparedBatch rows = handle.prepareBatch("insert into hour_audit (hour, audited_at, archive_id, records,"
                    + " differences) values (:hour, :now, :archive, :records, :differences) on conflict (hour) do update set"
                    + " audited_at = excluded.audited_at, archive_id = excluded.archive_id, records = excluded.records,"
                    + " differences = excluded.differences");
            for (Result result : results) {
                rows.bind("hour", ArchiveStore.utc(result.hour().hour()))
                        .bind("now", ArchiveStore.utc(now))
                        .bind("archive", result.hour().archive())
                        .bind("records", result.records())
                        .bind("differences", result.differences())
                        .add();
            }
            rows.execute();
        });
    }
}
