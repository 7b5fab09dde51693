package io.counterfoil.sql.dispute;

import io.counterfoil.sql.SqlFile;
import io.counterfoil.sql.archive.AuditStore.AuditedFile;
import io.counterfoil.sql.invoice.InvoicedPeriod;
import io.counterfoil.sql.rollup.SegmentKey;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.ResultIterator;
import org.jdbi.v3.core.statement.Query;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is counted of an account, and where the records lie; all of its caller's transaction. */
public final class DisputeRows {
    private static final String KEY_SPANS = SqlFile.read("dispute/key-spans.sql");
    private static final String HOURS = SqlFile.read("dispute/hours.sql");
    private static final String KEY_HOUR = SqlFile.read("dispute/key-hour.sql");
    private static final String INVOICE_OF_HOUR = SqlFile.read("dispute/invoice-of-hour.sql");
    private static final String SEGMENTS = SqlFile.read("dispute/segments.sql");
    private static final String REJECTED = SqlFile.read("dispute/rejected.sql");
    private static final int FETCH_ROWS = 1000;

    private final Handle handle;

    public DisputeRows(Handle handle) {
        this.handle = handle;
    }

    /**
     * Whose usage.
     *
     * @param key only this key's
     * @param to exclusive
     * @param plans only while a plan of that calendar and currency is in force
     */
    public record Scope(long account, Optional<Long> key, Instant from, Instant to, Optional<InvoicedPeriod> plans) {}

    /** Amounts of requests, units and bytes. */
    public record Amounts(BigDecimal requests, BigDecimal units, BigDecimal bytesOut) {
        public static final Amounts NONE = new Amounts(BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO);

        public Amounts plus(Amounts other) {
            return new Amounts(requests.add(other.requests), units.add(other.units), bytesOut.add(other.bytesOut));
        }
    }

    /** What is counted now in an hour. */
    public record Hour(Instant hour, Amounts counted) {}

    /** What is counted of a key's hour, and what of it was after an invoice. */
    public record Row(String route, String outcome, Amounts counted, Amounts later) {}

    /** A key by its account. */
    public record Key(long key, long account, String accountName) {}

    /** An invoice that billed an hour. */
    public record Billing(long number, long mergeNo) {}

    /**
     * A segment in the landing.
     *
     * @param batch that counted it
     * @param rejected how many of its records were not
     */
    public record Segment(SegmentKey key, long batch, long rejected, long firstMicros, long lastMicros) {}

    public Optional<Key> key(String label) {
        return handle.createQuery(
                        "select key_id, account_id, name from api_key join account using (account_id) where label = :label")
                .bind("label", label)
                .map((row, context) -> new Key(row.getLong("key_id"), row.getLong("account_id"), row.getString("name")))
                .findOne();
    }

    public List<KeySpan> keySpans(Scope scope) {
        return scoped(KEY_SPANS, scope)
                .map((row, context) -> new KeySpan(
                        row.getLong("key_id"),
                        row.getString("label"),
                        row.getLong("plan_id"),
                        row.getBoolean("own"),
                        instant(row, "since"),
                        instant(row, "until")))
                .list();
    }

    /** Those with usage, in order. */
    public List<Hour> hours(Scope scope) {
        return scoped(HOURS, scope)
                .map((row, context) -> new Hour(instant(row, "hour"), amounts(row, "")))
                .list();
    }

    private Query scoped(String sql, Scope scope) {
        return handle.createQuery(sql)
                .bind("account", scope.account())
                .bind("key", scope.key().orElse(null))
                .bind("from", utc(scope.from()))
                .bind("to", utc(scope.to()))
                .bind("interval", scope.plans().map(InvoicedPeriod::interval).orElse(null))
                .bind("anchor", scope.plans().map(InvoicedPeriod::anchorDay).orElse(null))
                .bind("currency", scope.plans().map(InvoicedPeriod::currency).orElse(null));
    }

    /** @param mergeNo what was counted by merges with a higher one is told apart */
    public List<Row> keyHour(long key, Instant hour, long mergeNo) {
        return handle.createQuery(KEY_HOUR)
                .bind("key", key)
                .bind("hour", utc(hour))
                .bind("merge_no", mergeNo)
                .map((row, context) -> new Row(
                        row.getString("route"), row.getString("outcome"), amounts(row, ""), amounts(row, "later_")))
                .list();
    }

    public Optional<Billing> invoiceOf(long key, Instant hour) {
        return handle.createQuery(INVOICE_OF_HOUR)
                .bind("key", key)
                .bind("hour", utc(hour))
                .map((row, context) -> new Billing(row.getLong("number"), row.getLong("merge_no")))
                .findOne();
    }

    /** Batches that added to billed hours of an account's keys after a control_version. */
    public Set<Long> batchesAfter(long account, long mergeNo) {
        return new HashSet<>(handle.createQuery("select distinct u.batch_id from usage_restatement u join api_key using"
                        + " (key_id) where account_id = :account and u.merge_no > :merge_no")
                .bind("account", account)
                .bind("merge_no", mergeNo)
                .mapTo(Long.class)
                .list());
    }

    /** Of a time, in the order of their first records; to be closed. */
    public ResultIterator<Segment> segments(Instant from, Instant to) {
        return handle.createQuery(SEGMENTS)
                .setFetchSize(FETCH_ROWS)
                .bind("from_us", micros(from))
                .bind("to_us", micros(to))
                .map((row, context) -> new Segment(
                        new SegmentKey(
                                row.getString("edge"),
                                row.getString("epoch"),
                                row.getInt("stream"),
                                row.getLong("number")),
                        row.getLong("batch_id"),
                        row.getLong("rejected"),
                        row.getLong("first_ts_us"),
                        row.getLong("last_ts_us")))
                .iterator();
    }

    /** Sequence numbers of a segment's records that the rollup rejected. */
    public Set<Long> rejected(SegmentKey segment) {
        return new HashSet<>(named(REJECTED, segment).mapTo(Long.class).list());
    }

    /** The batch that counted a segment; empty where the ledger has folded it into a run. */
    public Optional<Long> batch(SegmentKey segment) {
        return named(
                        "select batch_id from ledger where (edge, epoch, stream, number) = (:edge, :epoch, :stream, :number)",
                        segment)
                .mapTo(Long.class)
                .findOne();
    }

    private Query named(String sql, SegmentKey segment) {
        return handle.createQuery(sql)
                .bind("edge", segment.edge())
                .bind("epoch", segment.epoch())
                .bind("stream", segment.stream())
                .bind("number", segment.number());
    }

    /** The archive's files of an hour. */
    public List<AuditedFile> files(Instant hour) {
        return handle.createQuery("select f.path, f.bytes from archive_file f join archive a using (archive_id)"
                        + " where f.hour = :hour and a.published_at is not null order by f.path")
                .bind("hour", utc(hour))
                .map((row, context) -> new AuditedFile(row.getString("path"), row.getLong("bytes")))
                .list();
    }

    private static Amounts amounts(ResultSet row, String prefix) throws SQLException {
        return new Amounts(
                row.getBigDecimal(prefix + "requests"),
                row.getBigDecimal(prefix + "units"),
                row.getBigDecimal(prefix + "bytes_out"));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }

    private static long micros(Instant time) {
        return time.getEpochSecond() * 1_000_000;
    }
}
