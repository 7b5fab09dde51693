package io.counterfoil.sql.push;

import io.counterfoil.sql.SqlFile;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Who is over a limit, and what was pushed of it where. Blocking; thread-safe. */
public final class FlagPushStore {
    private static final String OVER_LIMIT = SqlFile.read("push/over-limit.sql");
    private static final String PUSHED = SqlFile.read("push/pushed.sql");
    private static final String SAVE = SqlFile.read("push/save-pushed.sql");

    private final Jdbi jdbi;

    public FlagPushStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * A document that a target took, or that is in doubt.
     *
     * @param matter SHA-256 in hex of what edges act on
     * @param figures SHA-256 in hex of that and of what is told beside it
     * @param expiresAt when the target drops it by itself
     * @param checkedAt when the target was last seen to have it
     */
    public record Pushed(
            String document,
            long version,
            String matter,
            String figures,
            Optional<Instant> expiresAt,
            Instant pushedAt,
            Instant checkedAt) {
        /** Of no document. */
        private static final String NONE = "0".repeat(64);

        /** A document that is about to be sent: whether the target has it, or the one before, is known once it has answered. */
        public static Pushed inDoubt(String document, long version, Optional<Instant> expiresAt, Instant now) {
            return new Pushed(document, version, NONE, NONE, expiresAt, now, Instant.EPOCH);
        }

        public boolean inDoubt() {
            return matter.equals(NONE);
        }
    }

    /** Whoever is over a limit at that time, and the version at which that is so, of one consistent view. */
    public OverLimit.All overLimit(Instant at) {
        return jdbi.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, handle -> {
            handle.execute("set transaction read only");
            long version = handle.createQuery("select v from control_version")
                    .mapTo(Long.class)
                    .one();
            List<OverLimit> limits = handle.createQuery(OVER_LIMIT)
                    .bind("at", utc(at))
                    .map((row, context) -> overLimit(row))
                    .list();
            return new OverLimit.All(version, limits);
        });
    }

    private static OverLimit overLimit(ResultSet row) throws SQLException {
        return new OverLimit(
                row.getLong("limit_id"),
                row.getLong("key_id"),
                row.getString("label"),
                Optional.ofNullable(row.getString("sha256")),
                row.getString("scope"),
                row.getString("time_window"),
                row.getString("measure"),
                row.getString("action"),
                row.getLong("quota"),
                row.getLong("used"),
                Instant.ofEpochSecond(row.getLong("as_of")),
                Instant.ofEpochSecond(row.getLong("resets_at")));
    }

    /** The documents that a target took, and those in doubt, by name. */
    public Map<String, Pushed> pushed(String target) {
        return jdbi.withHandle(handle -> {
            Map<String, Pushed> pushed = new TreeMap<>();
            handle.createQuery(PUSHED)
                    .bind("target", target)
                    .map((row, context) -> pushed(row))
                    .forEach(each -> pushed.put(each.document(), each));
            return pushed;
        });
    }

    private static Pushed pushed(ResultSet row) throws SQLException {
        return new Pushed(
                row.getString("document"),
                row.getLong("version"),
                HexFormat.of().formatHex(row.getBytes("matter")),
                HexFormat.of().formatHex(row.getBytes("figures")),
                Optional.ofNullable(row.getObject("expires_at", OffsetDateTime.class))
                        .map(OffsetDateTime::toInstant),
                row.getObject("pushed_at", OffsetDateTime.class).toInstant(),
                row.getObject("checked_at", OffsetDateTime.class).toInstant());
    }

    /**
     * Notes documents that a target took, or is about to be sent, all or none.
     *
     * @param force whether a later version may be replaced
     * @return those of which a later version stands: somebody else pushed it meanwhile, and what was pushed here may lie over it
     */
    public List<String> save(String target, Collection<Pushed> documents, boolean force) {
        if (documents.isEmpty()) {
            return List.of();
        }
        return jdbi.inTransaction(handle -> {
            PreparedBatch batch = handle.prepareBatch(SAVE);
            documents.forEach(each -> add(batch, target, each, force));
            int[] rows = batch.execute();
            List<String> overtaken = new ArrayList<>();
            int at = 0;
            for (Pushed each : documents) {
                if (rows[at++] == 0) {
                    overtaken.add(each.document());
                }
            }
            return overtaken;
        });
    }

    private static void add(PreparedBatch batch, String target, Pushed each, boolean force) {
        batch.bind("target", target)
                .bind("document", each.document())
                .bind("version", each.version())
                .bind("matter", HexFormat.of().parseHex(each.matter()))
                .bind("figures", HexFormat.of().parseHex(each.figures()))
                .bind("expires_at", each.expiresAt().map(FlagPushStore::utc).orElse(null))
                .bind("pushed_at", utc(each.pushedAt()))
                .bind("checked_at", utc(each.checkedAt()))
                .bind("force", force)
                .add();
    }

    /** Forgets documents that are gone from the target. */
    public void forget(String target, Collection<String> documents) {
        jdbi.useHandle(handle -> handle.createUpdate(
                        "delete from flag_push where target = :target and document = any (:documents)")
                .bind("target", target)
                .bindArray("documents", String.class, documents)
                .execute());
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
