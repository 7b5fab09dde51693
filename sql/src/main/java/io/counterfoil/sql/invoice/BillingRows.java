package io.counterfoil.sql.invoice;

import io.counterfoil.sql.SqlFile;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What bills are made of, read in one transaction: where they are to be final, after control_version was taken. */
public final class BillingRows {
    private static final String ACCOUNTS = SqlFile.read("invoice/accounts.sql");
    private static final String SPANS = SqlFile.read("invoice/spans.sql");
    private static final String BILLED = SqlFile.read("invoice/billed-periods.sql");
    private static final String USAGE = SqlFile.read("invoice/usage.sql");
    private static final String ADJUSTABLE = SqlFile.read("invoice/adjustable.sql");
    private static final String INCOMPLETE = SqlFile.read("invoice/incomplete-hours.sql");

    private final Handle handle;

    public BillingRows(Handle handle) {
        this.handle = handle;
    }

    /**
     * Accounts that ever had a subscription, in the order of their numbers.
     *
     * @param after the last one's number that was read before; 0 at first
     */
    public List<BilledAccount> accounts(long after, Optional<Long> only, int atMost) {
        return handle.createQuery(ACCOUNTS)
                .bind("after", after)
                .bind("only", only.orElse(null))
                .bind("at_most", atMost)
                .map((row, context) -> new BilledAccount(
                        row.getLong("account_id"),
                        row.getString("name"),
                        row.getString("time_zone"),
                        Optional.ofNullable(row.getString("tax_name")),
                        Optional.ofNullable(row.getBigDecimal("tax_percent")),
                        Optional.ofNullable(row.getString("held")),
                        row.getString("buyer")))
                .list();
    }

    /** Of those accounts, all that were or will be, in the order of account, key (none first) and time. */
    public List<SubscribedSpan> spans(Collection<Long> accounts) {
        return handle.createQuery(SPANS)
                .bindArray("accounts", Long.class, accounts)
                .map((row, context) -> new SubscribedSpan(
                        row.getLong("account_id"),
                        Optional.ofNullable(row.getString("label"))
                                .map(label -> new SubscribedSpan.KeyName(number(row, "key_id"), label)),
                        row.getLong("plan_id"),
                        instant(row, "since"),
                        instant(row, "until")))
                .list();
    }

    /** What the catalogue says of a version, as JSON; empty where it has no rates. */
    public Optional<String> definition(long plan) {
        return handle.createQuery("select definition::text from plan where plan_id = :plan and definition is not null")
                .bind("plan", plan)
                .mapTo(String.class)
                .findOne();
    }

    /** The name and version of a plan, as {@code team v2}. */
    public String planText(long plan) {
        return handle.createQuery("select name || ' v' || version from plan where plan_id = :plan")
                .bind("plan", plan)
                .mapTo(String.class)
                .one();
    }

    /** Of those accounts, what is final of periods that begin from a time on and before another. */
    public Set<InvoicedPeriod> invoiced(Collection<Long> accounts, Instant from, Instant to) {
        return new HashSet<>(handle.createQuery(BILLED)
                .bindArray("accounts", Long.class, accounts)
                .bind("from", utc(from))
                .bind("to", utc(to))
                .map((row, context) -> invoicedPeriod(row))
                .list());
    }

    /** Final invoices of those accounts whose hours were added to after all that was invoiced for them, by number. */
    public List<AdjustableInvoice> adjustable(Collection<Long> accounts) {
        return handle.createQuery(ADJUSTABLE)
                .bindArray("accounts", Long.class, accounts)
                .map((row, context) -> new AdjustableInvoice(
                        row.getLong("number"),
                        invoicedPeriod(row),
                        instant(row, "period_to"),
                        row.getBigDecimal("invoiced"),
                        row.getBigDecimal("credited"),
                        row.getString("hours")))
                .list();
    }

    /** Billable usage of those segments, by route; in the order of bill, segment, route. */
    public List<SegmentUsage> usage(List<BilledSegment> segments) {
        return usageAsOf(segments, Long.MAX_VALUE);
    }

    /** As {@link #usage(List)}, of what was counted before merges with a higher number added to hours that were billed. */
    public List<SegmentUsage> usageAsOf(List<BilledSegment> segments, long mergeNo) {
        return segments.isEmpty() ? List.of() : usage(handle.createQuery(USAGE).bind("merge_no", mergeNo), segments);
    }

    private static List<SegmentUsage> usage(Query query, List<BilledSegment> segments) {
        return query.bindArray(
                        "bills",
                        Integer.class,
                        segments.stream().map(BilledSegment::bill).toList())
                .bindArray(
                        "segments",
                        Integer.class,
                        segments.stream().map(BilledSegment::segment).toList())
                .bindArray(
                        "accounts",
                        Long.class,
                        segments.stream().map(BilledSegment::accountId).toList())
                .bindArray(
                        "keys",
                        Long.class,
                        segments.stream().map(each -> each.key().orElse(null)).toArray())
                .bindArray(
                        "plans",
                        Long.class,
                        segments.stream().map(BilledSegment::planId).toList())
                .bindArray(
                        "since",
                        String.class,
                        segments.stream().map(each -> each.since().toString()).toList())
                .bindArray(
                        "until",
                        String.class,
                        segments.stream().map(each -> each.until().toString()).toList())
                .bindArray(
                        "ids",
                        Long.class,
                        segments.stream()
                                .map(BilledSegment::accountId)
                                .distinct()
                                .toList())
                .bind(
                        "first",
                        utc(segments.stream()
                                .map(BilledSegment::since)
                                .min(Instant::compareTo)
                                .orElseThrow()))
                .bind(
                        "last",
                        utc(segments.stream()
                                .map(BilledSegment::until)
                                .max(Instant::compareTo)
                                .orElseThrow()))
                .map((row, context) -> new SegmentUsage(
                        row.getInt("bill"),
                        row.getInt("segment"),
                        row.getString("route"),
                        row.getBigDecimal("requests"),
                        row.getBigDecimal("units"),
                        row.getBigDecimal("bytes_out")))
                .list();
    }

    /** How many hours of a time are not complete. */
    public int incompleteHours(Instant from, Instant to) {
        return handle.createQuery(INCOMPLETE)
                .bind("from", utc(from))
                .bind("to", utc(to))
                .mapTo(Integer.class)
                .one();
    }

    static InvoicedPeriod invoicedPeriod(ResultSet row) throws SQLException {
        return new InvoicedPeriod(
                row.getLong("account_id"),
                row.getString("period_interval"),
                row.getInt("anchor_day"),
                row.getString("currency"),
                instant(row, "period_from"));
    }

    private static long number(ResultSet row, String column) {
        try {
            return row.getLong(column);
        } catch (SQLException e) {
            throw new IllegalStateException("no column " + column, e);
        }
    }

    static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
