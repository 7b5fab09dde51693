package io.counterfoil.sql.account;

import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.OperatorException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** API keys, by the SHA-256 of their text and by their public label. The text itself never comes here. */
public final class KeyStore {
    /** What a label may be: 1 to 128 printable ASCII characters, no blank at its ends. */
    public static final Pattern LABEL = Pattern.compile("[!-~]([ -~]{0,126}[!-~])?");

    private final Jdbi jdbi;

    public KeyStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * A key to be stored.
     *
     * @param sha256 of its text in hex; empty where the key is only known by its label, in imported logs
     * @param where for messages: which line of which file, or the command
     */
    public record NewKey(long accountId, Optional<Long> planId, String label, Optional<String> sha256, String where) {}

    /**
     * Stores keys, all or none, and wakes the edges.
     *
     * @return how many were new; a key whose hash and account are there already is left as it is
     * @throws OperatorException category INPUT where a label or a hash is another key's
     */
    public int create(List<NewKey> keys, Instant now) {
        return jdbi.inTransaction(handle -> {
            int created = 0;
            for (NewKey key : keys) {
                if (!LABEL.matcher(key.label()).matches()) {
                    throw OperatorException.input("label is '" + key.label() + "' (" + key.where()
                            + "), expected 1 to 128 printable ASCII characters, no blank at its ends");
                }
                if (insert(handle, key, now)) {
                    created++;
                } else {
                    requireSame(handle, key);
                }
            }
            if (created > 0) {
                stamp(handle);
            }
            return created;
        });
    }

    /** Version 0 stands for "not stamped yet": no edge can see it before the transaction commits. */
    private static boolean insert(Handle handle, NewKey key, Instant now) {
        return handle.createUpdate("insert into api_key (account_id, plan_id, label, label_sha256, sha256, created_at,"
                                + " version)"
                                + " values (:account, :plan, :label, decode(:labelHash, 'hex'), decode(:sha256, 'hex'),"
                                + " :now, 0) on conflict do nothing")
                        .bind("account", key.accountId())
                        .bind("plan", key.planId())
                        .bind("label", key.label())
                        .bind("labelHash", hash(key.label()))
                        .bind("sha256", key.sha256())
                        .bind("now", now.atOffset(ZoneOffset.UTC))
                        .execute()
                > 0;
    }

    private static void requireSame(Handle handle, NewKey key) {
        boolean same = handle.createQuery("select count(*) from api_key where account_id = :account and label = :label"
                                + " and sha256 is not distinct from decode(:sha256, 'hex')")
                        .bind("account", key.accountId())
                        .bind("label", key.label())
                        .bind("sha256", key.sha256())
                        .mapTo(Long.class)
                        .one()
                > 0;
        if (!same) {
            throw OperatorException.input("key with label '" + key.label() + "' cannot be created (" + key.where()
                    + "): the label, or the key itself under another label, is there already; labels are unique and a key"
                    + " never changes account. Nothing was created");
        }
    }

    private static void stamp(Handle handle) {
        long version = ControlVersion.next(handle);
        handle.createUpdate("update api_key set version = :version where version = 0")
                .bind("version", version)
                .execute();
        ControlVersion.wakeEdges(handle, version);
    }

    /** Key numbers by the SHA-256 of the key's text, in hex, for those that exist. */
    public Map<String, Long> byHash(Collection<String> hashes) {
        return lookUp("sha256", hashes, Optional.empty());
    }

    /** Key numbers by the SHA-256 of the label, in hex, for those that exist. */
    public Map<String, Long> byLabelHash(Collection<String> hashes) {
        return lookUp("label_sha256", hashes, Optional.empty());
    }

    /** As {@link #byLabelHash(Collection)}, of one account only. */
    public Map<String, Long> byLabelHash(Collection<String> hashes, long accountId) {
        return lookUp("label_sha256", hashes, Optional.of(accountId));
    }

    private Map<String, Long> lookUp(String column, Collection<String> hashes, Optional<Long> account) {
        Map<String, Long> found = new HashMap<>();
        jdbi.useHandle(
                handle -> handle.createQuery("select encode(" + column + ", 'hex') as hash, key_id from api_key where "
                                + column + " in (select decode(h, 'hex') from unnest(:hashes) h)"
                                + " and (:account::bigint is null or account_id = :account)")
                        .bindArray("hashes", String.class, hashes.toArray())
                        .bind("account", account)
                        .map((row, context) -> Map.entry(row.getString("hash"), row.getLong("key_id")))
                        .forEach(entry -> found.put(entry.getKey(), entry.getValue())));
        return found;
    }

    /** The SHA-256 of a key's text or of a label, in hex. */
    public static String hash(String key) {
        return HexFormat.of().formatHex(ApiKeyText.sha256(key));
    }
}
