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
    private static final String SAVE = SqlFile.read("archive/save-audit.sql");
    private static final int FETCH_ROWS = 10_000;

    private final Jdbi jdbi;

    public AuditStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * An hour all of whose records lie in archives up to that one.
     *
     * @param revision counts what made earlier audits of it void
     */
    public record AuditableHour(Instant hour, long archive, long revision) {}

    /**
     * A file of the archive.
     *
     * @param path below the archive's root
     */
    public record AuditedFile(String path, long bytes) {}

    /** A record that the rollup rejected: it lies in the archive and is not counted. */
    public record RejectedRecord(String edge, String epoch, int stream, long segment, long seq) {}

    /** A row of {@code usage_hourly}; sums are requests, units, bytes in, bytes out, duration in microseconds. */
    public record UsageRow(Instant hour, long keyId, String route, String outcome, List<Long> sums) {}

    /**
     * What to audit.
     *
     * @param files with all of the hours' records
     * @param rejected those of segments with records in the hours
     */
    public record Scope(List<AuditableHour> hours, List<AuditedFile> files, List<RejectedRecord> rejected) {}

    /**
     * The first hours that can be audited, and what {@code usage_hourly} says of them, in order of hour, key, route, outcome (by bytes).
     *
     * @param all also hours that were audited since something was last added to them
     * @param maxHours so many at most
     */
    public Scope scope(
            Optional<Instant> from, Optional<Instant> to, boolean all, int maxHours, Consumer<UsageRow> usage) {
        return jdbi.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, handle -> {
            List<AuditableHour> hours = handle.createQuery(HOURS)
                    .bind("from", from.map(ArchiveStore::utc).orElse(null))
                    .bind("to", to.map(ArchiveStore::utc).orElse(null))
                    .bind("all", all)
                    .bind("max_hours", maxHours)
                    .map((row, context) -> new AuditableHour(
                            row.getObject("hour", OffsetDateTime.class).toInstant(),
                            row.getLong("archive_id"),
                            row.getLong("revision")))
                    .list();
            OffsetDateTime[] array =
                    hours.stream().map(hour -> ArchiveStore.utc(hour.hour())).toArray(OffsetDateTime[]::new);
            List<AuditedFile> files = handle.createQuery(
                            "select path, bytes from archive_file where hour = any (:hours) order by path")
                    .bindArray("hours", OffsetDateTime.class, (Object[]) array)
                    .map((row, context) -> new AuditedFile(row.getString("path"), row.getLong("bytes")))
                    .list();
            usage(handle, array, usage);
            return new Scope(hours, files, rejected(handle, array));
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
    private static List<RejectedRecord> rejected(Handle handle, OffsetDateTime[] hours) {
        return new ArrayList<>(
                handle.createQuery("select r.edge, r.epoch, r.stream, r.number, l.first_seq + r.line - 2 as seq"
                                + " from reject r join ledger l using (edge, epoch, stream, number)"
                                + " where r.file = r.edge || '/' || r.epoch || '/' || r.stream || '/' || r.number || '.csv'"
                                + " and exists (select from archive_file f where f.archive_id = l.archive_id and f.hour = any"
                                + " (:hours))")
                        .bindArray("hours", OffsetDateTime.class, (Object[]) hours)
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

    /** An hour whose earlier audits became void meanwhile is left as it is: it is audited again. */
    public void save(List<Result> results, Instant now) {
        if (results.isEmpty()) {
            return;
        }
        jdbi.useTransaction(handle -> {
            PreparedBatch rows = handle.prepareBatch(SAVE);
            for (Result result : results) {
                rows.bind("hour", ArchiveStore.utc(result.hour().hour()))
                        .bind("now", ArchiveStore.utc(now))
                        .bind("archive", result.hour().archive())
                        .bind("revision", result.hour().revision())
                        .bind("records", result.records())
                        .bind("differences", result.differences())
                        .add();
            }
            rows.execute();
        });
    }
}
