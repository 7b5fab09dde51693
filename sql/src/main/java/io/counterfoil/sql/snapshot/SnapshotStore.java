package io.counterfoil.sql.snapshot;

import io.counterfoil.sql.SqlFile;
import io.counterfoil.sql.snapshot.SnapshotRows.FlagRow;
import io.counterfoil.sql.snapshot.SnapshotRows.KeyRow;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;

/** What edges load. Blocking; thread-safe. */
public final class SnapshotStore {
    private static final String KEYS = SqlFile.read("snapshot/keys.sql");
    private static final String FLAGS = SqlFile.read("snapshot/flags.sql");

    private final Jdbi jdbi;

    public SnapshotStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Version and rows from one consistent view; after version 0, everything.
     *
     * @param now flags whose window has ended by then are left out: edges drop them by themselves
     */
    public SnapshotRows changesSince(long version, Instant now) {
        return jdbi.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, handle -> {
            handle.execute("set transaction read only");
            long current = handle.createQuery("select v from control_version")
                    .mapTo(Long.class)
                    .one();
            if (current == version) {
                return new SnapshotRows(current, List.of(), List.of());
            }
            return new SnapshotRows(current, keys(handle, version), flags(handle, version, now));
        });
    }

    private static List<KeyRow> keys(Handle handle, long since) {
        return handle.createQuery(KEYS)
                .bind("since", since)
                .map((row, context) -> new KeyRow(
                        row.getLong("key_id"),
                        row.getLong("account_id"),
                        row.getString("label"),
                        row.getBytes("sha256"),
                        row.getBoolean("active")))
                .list();
    }

    private static List<FlagRow> flags(Handle handle, long since, Instant now) {
        return handle.createQuery(FLAGS)
                .bind("since", since)
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .map((row, context) -> new FlagRow(
                        row.getLong("limit_id"),
                        row.getLong("key_id"),
                        row.getString("limit_text"),
                        row.getString("action"),
                        row.getLong("quota"),
                        row.getLong("used"),
                        instant(row.getObject("window_start", OffsetDateTime.class)),
                        instant(row.getObject("as_of", OffsetDateTime.class)),
                        instant(row.getObject("resets_at", OffsetDateTime.class)),
                        row.getBoolean("lifted")))
                .list();
    }

    private static Instant instant(OffsetDateTime time) {
        return time.toInstant();
    }
}
