package io.counterfoil.sql.account;

import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.SqlFile;
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

    private static final String INSERT = SqlFile.read("account/insert-key.sql");
    private static final String SUBSCRIBE = SqlFile.read("account/subscribe-new-keys.sql");
    private static final String STAMP = SqlFile.read("account/stamp-new-keys.sql");
    private static final String IS_THERE = SqlFile.read("account/key-is-there.sql");
    private static final Instant EARLIEST_END = Instant.parse("1990-01-02T00:00:00Z");
    private static final Instant LATEST_END = Instant.parse("2999-01-01T00:00:00Z");

    private final Jdbi jdbi;

    public KeyStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * A key to be stored.
     *
     * @param planId the version of a plan of its own, from the hour of its creation on; empty: its account's
     * @param label public; unique
     * @param sha256 of its text, in hex; empty: it is known by its label only, from imported logs or another database
     * @param where for messages: which line of which file, or the command
     */
    public record NewKey(
            long accountId,
            Optional<Long> planId,
            String label,
            Optional<String> sha256,
            KeyTerms terms,
            String where) {
        /** @throws OperatorException category INPUT where label or terms are none, or the label is a key's text */
        public NewKey {
            if (!LABEL.matcher(label).matches()) {
                throw OperatorException.input("label is '" + label + "' (" + where
                        + "), expected 1 to 128 printable ASCII characters, no blank at its ends");
            }
            if (ApiKeyText.isWellFormed(label)) {
                throw OperatorException.input(
                        "label (" + where + ") is a key's text, expected a name that everybody may see");
            }
            terms = terms.checked(where);
        }

        /** A key without terms. */
        public NewKey(long accountId, Optional<Long> planId, String label, Optional<String> sha256, String where) {
            this(accountId, planId, label, sha256, KeyTerms.NONE, where);
        }
    }

    /**
     * Stores keys, all or none, and wakes the edges.
     *
     * @return how many were new; one that its account has already, of the same label and hash, is left as it is, and so is one of the same
     *     label where no hash is given
     * @throws OperatorException category INPUT where a label or a hash is another key's
     */
    public int create(List<NewKey> keys, Instant now) {
        return jdbi.inTransaction(handle -> {
            ExternalIdLock.share(handle);
            int created = 0;
            for (NewKey key : keys) {
                if (insert(handle, key, now)) {
                    created++;
                } else {
                    requireSame(handle, key);
                }
            }
            if (created > 0) {
                long version = ControlVersion.next(handle);
                handle.createUpdate(SUBSCRIBE)
                        .bind("now", now.atOffset(ZoneOffset.UTC))
                        .execute();
                handle.createUpdate(STAMP).bind("version", version).execute();
                ControlVersion.wakeEdges(handle, version);
            }
            return created;
        });
    }

    /** Version 0 stands for "not stamped yet": no edge can see it before the transaction commits. */
    private static boolean insert(Handle handle, NewKey key, Instant now) {
        Optional<Long> created = handle.createQuery(INSERT)
                .bind("account", key.accountId())
                .bind("plan", key.planId())
                .bind("label", key.label())
                .bind("labelHash", hash(key.label()))
                .bind("external_id", key.terms().externalId())
                .bindArray("scopes", String.class, key.terms().scopes())
                .bind("expiresAt", key.terms().expiresAt().map(end -> end.atOffset(ZoneOffset.UTC)))
                .bind("disabled", key.terms().disabled())
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .mapTo(Long.class)
                .findOne();
        return created.isPresent()
                && (key.sha256().isEmpty()
                        || insertSecret(handle, created.get(), key.sha256().get(), now));
    }

    /** False where the hash is some key's already. */
    static boolean insertSecret(Handle handle, long keyId, String sha256, Instant now) {
        return handle.createUpdate("insert into api_key_secret (sha256, key_id, created_at)"
                                + " values (decode(:sha256, 'hex'), :key, :now) on conflict do nothing")
                        .bind("sha256", sha256)
                        .bind("key", keyId)
                        .bind("now", now.atOffset(ZoneOffset.UTC))
                        .execute()
                > 0;
    }

    private static void requireSame(Handle handle, NewKey key) {
        boolean same = handle.createQuery(IS_THERE)
                .bind("account", key.accountId())
                .bind("label", key.label())
                .bind("sha256", key.sha256())
                .mapTo(Boolean.class)
                .one();
        if (!same) {
            throw OperatorException.input("key cannot be created (" + key.where()
                    + "): its label, or the key itself under another label, is there already; labels are unique and a key"
                    + " never changes account. Nothing was created");
        }
    }

    /** Gives every key that was changed in this transaction (version 0) the next version, which it returns, and wakes the edges. */
    static long stamp(Handle handle) {
        long version = ControlVersion.next(handle);
        handle.createUpdate("update api_key set version = :version where version = 0")
                .bind("version", version)
                .execute();
        ControlVersion.wakeEdges(handle, version);
        return version;
    }

    /** Key numbers by the SHA-256 of a key's text, in hex, for those that exist: also ended ones, which old logs name. */
    public Map<String, Long> byHash(Collection<String> hashes) {
        Map<String, Long> found = new HashMap<>();
        jdbi.useHandle(handle -> handle.createQuery("select encode(sha256, 'hex') as hash, key_id from api_key_secret"
                        + " where sha256 in (select decode(h, 'hex') from unnest(:hashes) h)")
                .bindArray("hashes", String.class, hashes.toArray())
                .map((row, context) -> Map.entry(row.getString("hash"), row.getLong("key_id")))
                .forEach(entry -> found.put(entry.getKey(), entry.getValue())));
        return found;
    }

    /** Key numbers by the SHA-256 of the label, in hex, for those that exist. */
    public Map<String, Long> byLabelHash(Collection<String> hashes) {
        return lookUp(hashes, Optional.empty());
    }

    /** As {@link #byLabelHash(Collection)}, of one account only. */
    public Map<String, Long> byLabelHash(Collection<String> hashes, long accountId) {
        return lookUp(hashes, Optional.of(accountId));
    }

    private Map<String, Long> lookUp(Collection<String> hashes, Optional<Long> account) {
        Map<String, Long> found = new HashMap<>();
        jdbi.useHandle(
                handle -> handle.createQuery("select encode(label_sha256, 'hex') as hash, key_id from api_key where"
                                + " label_sha256 in (select decode(h, 'hex') from unnest(:hashes) h)"
                                + " and (:account::bigint is null or account_id = :account)")
                        .bindArray("hashes", String.class, hashes.toArray())
                        .bind("account", account)
                        .map((row, context) -> Map.entry(row.getString("hash"), row.getLong("key_id")))
                        .forEach(entry -> found.put(entry.getKey(), entry.getValue())));
        return found;
    }

    /** @throws OperatorException category INPUT where no key may end then */
    public static void checkEnd(Instant end) {
        if (end.isBefore(EARLIEST_END) || !end.isBefore(LATEST_END)) {
            throw OperatorException.input(
                    "a key's end is " + end + ", expected a time between " + EARLIEST_END + " and " + LATEST_END);
        }
    }

    /** The SHA-256 of a key's text or of a label, in hex. */
    public static String hash(String key) {
        return HexFormat.of().formatHex(ApiKeyText.sha256(key));
    }
}
