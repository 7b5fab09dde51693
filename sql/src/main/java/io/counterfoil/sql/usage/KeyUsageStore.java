package io.counterfoil.sql.usage;

import io.counterfoil.sql.SqlFile;
import io.counterfoil.sql.usage.KeyUsage.LimitUse;
import io.counterfoil.sql.usage.KeyUsage.Span;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** What keys have used, for their callers. Blocking. */
public final class KeyUsageStore {
    /** How many hours are told, the present one among them. */
    public static final int HOURS = 48;

    private static final String KEY = SqlFile.read("usage/key.sql");
    private static final String LIMITS = SqlFile.read("usage/limits.sql");
    private static final String USED_HOURS = SqlFile.read("usage/hours.sql");
    /** Whoever asks is waiting, and has last known figures to fall back on. */
    private static final String BOUND = "set local statement_timeout = '2s'";

    private final Jdbi jdbi;

    public KeyUsageStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Reads a key's use in one consistent view; empty where there is no such key. */
    public Optional<KeyUsage> read(long key, Instant now) {
        return jdbi.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, handle -> {
            handle.execute("set transaction read only");
            handle.execute(BOUND);
            return read(handle, key, now);
        });
    }

    private static Optional<KeyUsage> read(Handle handle, long key, Instant now) {
        Instant end = now.truncatedTo(ChronoUnit.HOURS).plus(Duration.ofHours(1));
        Instant firstHour = end.minus(Duration.ofHours(HOURS));
        OffsetDateTime month =
                now.atOffset(ZoneOffset.UTC).truncatedTo(ChronoUnit.DAYS).withDayOfMonth(1);
        Instant from = month.toInstant().isBefore(firstHour) ? month.toInstant() : firstHour;
        Map<Instant, Span> used = new TreeMap<>();
        handle.createQuery(USED_HOURS)
                .bind("key", key)
                .bind("from_hour", utc(from))
                .map((row, context) -> span(row))
                .forEach(span -> used.put(span.start(), span));
        List<Span> hours = new ArrayList<>();
        for (Instant hour = firstHour; hour.isBefore(end); hour = hour.plus(Duration.ofHours(1))) {
            hours.add(used.getOrDefault(hour, new Span(hour, hour.plus(Duration.ofHours(1)), 0, 0, 0, 0, 0)));
        }
        Span period = used.values().stream()
                .filter(span -> !span.start().isBefore(month.toInstant()))
                .reduce(
                        new Span(month.toInstant(), month.plusMonths(1).toInstant(), 0, 0, 0, 0, 0),
                        KeyUsageStore::plus);
        return handle.createQuery(KEY)
                .bind("key", key)
                .bind("now", utc(now))
                .map((row, context) -> new KeyUsage(
                        Optional.of(row.getString("label")),
                        Optional.of(row.getString("account")),
                        Optional.ofNullable(row.getString("plan")),
                        Optional.ofNullable(row.getObject("as_of", OffsetDateTime.class))
                                .map(OffsetDateTime::toInstant),
                        limits(handle, key, now),
                        hours,
                        Optional.of(period)))
                .findOne();
    }

    /** The first one's time, with what was used in both. */
    private static Span plus(Span one, Span other) {
        return new Span(
                one.start(),
                one.end(),
                one.requests() + other.requests(),
                one.billable() + other.billable(),
                one.refused() + other.refused(),
                one.units() + other.units(),
                one.bytesOut() + other.bytesOut());
    }

    private static List<LimitUse> limits(Handle handle, long key, Instant now) {
        return handle.createQuery(LIMITS)
                .bind("key", key)
                .bind("now", utc(now))
                .map((row, context) -> new LimitUse(
                        row.getString("scope"),
                        row.getString("time_window"),
                        row.getString("measure"),
                        row.getString("action"),
                        row.getLong("quota"),
                        OptionalLong.of(row.getLong("used")),
                        instant(row, "window_start"),
                        instant(row, "resets_at")))
                .list();
    }

    private static Span span(ResultSet row) throws SQLException {
        Instant hour = instant(row, "hour");
        return new Span(
                hour,
                hour.plus(Duration.ofHours(1)),
                row.getLong("requests"),
                row.getLong("billable"),
                row.getLong("refused"),
                row.getLong("units"),
                row.getLong("bytes_out"));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
