package io.counterfoil.sql.account;

import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.SqlFile;
import io.counterfoil.sql.account.SubscriptionStore.Subject;
import io.counterfoil.sql.hours.Decision;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Changes to keys that exist, each one transaction that takes control_version and wakes the edges. A key keeps its number, account
 * and label through all of them, so usage goes on.
 */
public final class KeyLifeStore {
    private static final String ROTATE = SqlFile.read("account/rotate-secrets.sql");
    private static final String STATE = SqlFile.read("account/lock-key.sql");

    private final Jdbi jdbi;

    public KeyLifeStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Makes the key invalid until it is enabled again; false where it was disabled already.
     *
     * @throws OperatorException category INPUT where no key has that label
     */
    public boolean disable(String label, Instant now) {
        return change(
                label, now, (handle, key) -> !key.disabled() && set(handle, key, "disabled_at", Optional.of(now)));
    }

    /**
     * Undoes {@link #disable}; false where the key was not disabled. An end that has passed stays.
     *
     * @throws OperatorException category INPUT where no key has that label
     */
    public boolean enable(String label, Instant now) {
        return change(label, now, (handle, key) -> key.disabled() && set(handle, key, "disabled_at", Optional.empty()));
    }

    /**
     * Sets when the key ends by itself, whatever its secrets' own ends are; empty: it does not.
     *
     * @throws OperatorException category INPUT where no key has that label, or the time is absurd
     */
    public void expire(String label, Optional<Instant> end, Instant now) {
        end.ifPresent(KeyStore::checkEnd);
        change(label, now, (handle, key) -> set(handle, key, "expires_at", end));
    }

    /**
     * Gives the key a new secret beside its present ones, which end by a time.
     *
     * @param sha256 of the new text, in hex
     * @param until when the present secrets end; one that ends earlier stays as it is
     * @throws OperatorException category INPUT where no key has that label, or the key is disabled or expired, or only known by its
     *     label
     */
    public void rotate(String label, String sha256, Instant until, Instant now) {
        KeyStore.checkEnd(until);
        change(label, now, (handle, key) -> {
            if (key.disabled() || key.expired()) {
                throw OperatorException.input("key '" + label + "' is " + (key.disabled() ? "disabled" : "expired")
                        + ", expected one in use; first: counterfoil key "
                        + (key.disabled() ? "enable '" + label + "'" : "expire '" + label + "' --at never"));
            }
            if (key.secrets() == 0) {
                throw OperatorException.input(
                        "key '" + label + "' is only known by its label from imported logs, it has no"
                                + " secret to rotate; create one under another label: counterfoil key create");
            }
            handle.createUpdate(ROTATE)
                    .bind("key", key.keyId())
                    .bind("until", until.atOffset(ZoneOffset.UTC))
                    .execute();
            if (!KeyStore.insertSecret(handle, key.keyId(), sha256, now)) {
                throw new IllegalStateException("the new secret of key " + key.keyId() + " is there already");
            }
            handle.execute("update api_key set version = 0 where key_id = ?", key.keyId());
            return true;
        });
    }

    /**
     * Puts the key on another version of a plan, from this hour on; what it used in windows that have not passed counts there.
     *
     * @return false where it has a subscription of its own to that version
     * @throws OperatorException category INPUT where no key has that label
     */
    public boolean move(String label, long plan, Decision decision) {
        return jdbi.inTransaction(handle -> {
            ControlVersion.hold(handle);
            Subject subject = subject(handle, label);
            Instant hour = decision.at().truncatedTo(ChronoUnit.HOURS);
            return SubscriptionStore.subscribe(
                    handle, new SubscriptionStore.Change(subject, hour, Optional.of(plan), decision, "key move"));
        });
    }

    /** As {@link #move(String, long, Decision)}, of nobody's decision. */
    public boolean move(String label, long plan, Instant now) {
        return move(label, plan, new Decision("counterfoil", "the key was moved", now));
    }

    /**
     * The key with that label, and whose it is.
     *
     * @throws OperatorException category INPUT where no key has it
     */
    public Subject subject(String label) {
        return jdbi.withHandle(handle -> subject(handle, label));
    }

    /** Keys that exist, by the SHA-256 of their label, in hex. */
    public Map<String, Subject> byLabel(Collection<String> labels) {
        Map<String, Subject> found = new HashMap<>();
        jdbi.useHandle(handle -> handle.createQuery(
                        "select encode(label_sha256, 'hex') as hash, key_id, account_id from api_key"
                                + " where label_sha256 in (select decode(h, 'hex') from unnest(:hashes) h)")
                .bindArray(
                        "hashes",
                        String.class,
                        labels.stream().map(KeyStore::hash).toArray())
                .map((row, context) -> Map.entry(
                        row.getString("hash"),
                        new Subject(row.getLong("account_id"), Optional.of(row.getLong("key_id")))))
                .forEach(entry -> found.put(entry.getKey(), entry.getValue())));
        return found;
    }

    private static Subject subject(Handle handle, String label) {
        return handle.createQuery(
                        "select key_id, account_id from api_key where label_sha256 = decode(:labelHash, 'hex')")
                .bind("labelHash", KeyStore.hash(label))
                .map((row, context) -> new Subject(row.getLong("account_id"), Optional.of(row.getLong("key_id"))))
                .findOne()
                .orElseThrow(() -> noKey(label));
    }

    /**
     * The number of the key with that label.
     *
     * @throws OperatorException category INPUT where no key has it
     */
    public long require(String label) {
        return subject(label).key().orElseThrow();
    }

    /** What stands for the label may be a key's text, taken for one: it is not shown. */
    private static OperatorException noKey(String label) {
        return OperatorException.input("no key has that label (" + label.length()
                + " characters); the labels there are: counterfoil key list");
    }

    private record LockedKey(long keyId, boolean disabled, boolean expired, long secrets) {}

    @FunctionalInterface
    private interface Change {
        boolean apply(Handle handle, LockedKey key);
    }

    /** Everyone takes control_version before keys that are there: who holds it may wait for a key. */
    private boolean change(String label, Instant now, Change change) {
        return jdbi.inTransaction(handle -> {
            ControlVersion.hold(handle);
            LockedKey key = lock(handle, label, now);
            boolean changed = change.apply(handle, key);
            if (changed) {
                KeyStore.stamp(handle);
            }
            return changed;
        });
    }

    private static LockedKey lock(Handle handle, String label, Instant now) {
        return handle.createQuery(STATE)
                .bind("labelHash", KeyStore.hash(label))
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .map((row, context) -> new LockedKey(
                        row.getLong("key_id"),
                        row.getBoolean("disabled"),
                        row.getBoolean("expired"),
                        row.getLong("secrets")))
                .findOne()
                .orElseThrow(() -> noKey(label));
    }

    private static boolean set(Handle handle, LockedKey key, String column, Optional<Instant> at) {
        handle.createUpdate("update api_key set " + column + " = :at, version = 0 where key_id = :key")
                .bind("key", key.keyId())
                .bind("at", at.map(time -> time.atOffset(ZoneOffset.UTC)))
                .execute();
        return true;
    }
}
