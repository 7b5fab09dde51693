package io.counterfoil.sql.snapshot;

import io.counterfoil.sql.SqlFile;
import io.counterfoil.sql.snapshot.SnapshotRows.Collected;
import io.counterfoil.sql.snapshot.SnapshotRows.FlagRow;
import io.counterfoil.sql.snapshot.SnapshotRows.Head;
import io.counterfoil.sql.snapshot.SnapshotRows.LimitRow;
import io.counterfoil.sql.snapshot.SnapshotRows.OverrideRow;
import io.counterfoil.sql.snapshot.SnapshotRows.Sink;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;

/** What edges load. Blocking; thread-safe. */
public final class SnapshotStore {
    private static final String HEAD = SqlFile.read("snapshot/head.sql");
    private static final String CHANGED_KEYS = SqlFile.read("snapshot/changed-key-count.sql");
    private static final String LIMITS = SqlFile.read("snapshot/limits.sql");
    private static final String OVERRIDES = SqlFile.read("snapshot/overrides.sql");
    private static final String FLAGS = SqlFile.read("snapshot/flags.sql");

    /**
     * For everything: both indexes side by side send the first row at once, and the reader works while the server does. Without
     * statistics, as after a restore, the planner would hash and sort it all before, or walk one index in each of several workers.
     */
    private static final String STREAMED = "set local enable_hashjoin = off; set local enable_sort = off;"
            + " set local max_parallel_workers_per_gather = 0";

    /** Few enough to fit a small heap, many enough that the round trips do not show. */
    private static final int FETCH_ROWS = 5_000;

    private final Jdbi jdbi;

    public SnapshotStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Streams version and rows of one consistent view: what changed after a version, or everything after version 0. Where the
     * database's version is not above that one there are no rows.
     *
     * @param now the reader's time. What ended more than a day before is left out, keys of the whole and flags: edges drop them by
     *     themselves, and one whose clock is ahead by less misses none
     */
    public <X extends Exception> void read(long since, Instant now, Sink<X> sink) throws X {
        jdbi.useTransaction(TransactionIsolationLevel.REPEATABLE_READ, handle -> {
            handle.execute("set transaction read only");
            Head head = head(handle, since);
            if (!sink.head(head) || head.version() <= since) {
                return;
            }
            if (since == 0) {
                handle.execute(STREAMED);
            }
            each(handle.createQuery(LIMITS).bind("since", since), SnapshotStore::limit, sink::limit);
            each(handle.createQuery(OVERRIDES).bind("since", since), SnapshotStore::override, sink::override);
            readKeys(handle, since, now, sink);
            each(
                    handle.createQuery(FLAGS).bind("since", since).bind("now", now.atOffset(ZoneOffset.UTC)),
                    SnapshotStore::flag,
                    sink::flag);
        });
    }

    private interface RowOf<R> {
        R of(ResultSet row) throws SQLException;
    }

    private interface Taker<R, X extends Exception> {
        void take(R row) throws X;
    }

    private static <R, X extends Exception> void each(Query query, RowOf<R> mapper, Taker<R, X> taker) throws X {
        query.setFetchSize(FETCH_ROWS).map((row, context) -> mapper.of(row)).useIterator(rows -> {
            while (rows.hasNext()) {
                taker.take(rows.next());
            }
        });
    }

    /** All rows at once, where they are known to be few. */
    public Collected changesSince(long version, Instant now) {
        Collected collected = new Collected();
        read(version, now, collected);
        return collected;
    }

    private static Head head(Handle handle, long since) {
        Head head = handle.createQuery(HEAD)
                .map((row, context) ->
                        new Head(row.getString("database"), row.getLong("version"), row.getLong("estimated_keys")))
                .one();
        // Counting everything would take as long as a good part of the load, and secrets that ended are never deleted.
        if (since == 0 || head.version() <= since) {
            return head;
        }
        long rows = handle.createQuery(CHANGED_KEYS)
                .bind("since", since)
                .mapTo(Long.class)
                .one();
        return new Head(head.database(), head.version(), rows);
    }

    private static <X extends Exception> void readKeys(Handle handle, long since, Instant now, Sink<X> sink) throws X {
        try {
            KeyRowCopy.read(handle, since, now, sink);
        } catch (SQLException e) {
            throw new ConnectionException(e);
        }
    }

    private static LimitRow limit(ResultSet row) throws SQLException {
        return new LimitRow(
                row.getLong("limit_id"),
                row.getLong("plan_id"),
                row.getString("scope"),
                row.getString("time_window"),
                row.getString("measure"),
                row.getLong("quota"),
                row.getString("action"),
                row.getBoolean("ended"));
    }

    private static OverrideRow override(ResultSet row) throws SQLException {
        return new OverrideRow(
                row.getLong("override_id"),
                row.getLong("key_id"),
                row.getLong("account_id"),
                row.getString("time_window"),
                row.getString("measure"),
                row.getString("action"),
                row.getLong("quota"),
                Optional.ofNullable(row.getObject("until", OffsetDateTime.class))
                        .map(OffsetDateTime::toInstant),
                row.getBoolean("ended"));
    }

    private static FlagRow flag(ResultSet row) throws SQLException {
        return new FlagRow(
                row.getLong("limit_id"),
                row.getLong("subject_id"),
                row.getLong("quota"),
                row.getLong("used"),
                row.getBoolean("over"),
                instant(row, "window_start"),
                instant(row, "as_of"),
                instant(row, "resets_at"),
                row.getBoolean("lifted"));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
