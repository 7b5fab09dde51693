package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.record.KeyMask;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.KeyStore;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Turns what a log says of a caller into a key's number: by its hash where it may be a key's text or is a hash itself, else by its
 * label. The text of a key goes no further than here.
 */
final class KeyResolver {
    private static final String SHA256 = "[0-9a-fA-F]{64}";
    private static final int LABEL_DIGITS = 12;
    /** With a source's name before it, still a label. */
    private static final int MAX_NAME = 63;

    private final KeyStore keys;
    private final AccountStore accounts;
    private final KeyField field;
    private final String source;
    private final boolean create;
    private final InstantSource clock;
    private final Map<String, Long> known = new HashMap<>();
    private long created;

    /** @param create whether callers that nobody knows become keys of an account named as the source */
    KeyResolver(
            KeyStore keys, AccountStore accounts, KeyField field, String source, boolean create, InstantSource clock) {
        this.keys = keys;
        this.accounts = accounts;
        this.field = field;
        this.source = source;
        this.create = create;
        this.clock = clock;
    }

    /** Makes sure that {@link #find} knows these values as far as they can be known. */
    void resolve(Collection<String> values) {
        List<String> unknown = missing(values);
        if (unknown.isEmpty()) {
            return;
        }
        lookUp(unknown);
        List<String> still = missing(unknown);
        if (create && !still.isEmpty()) {
            createKeys(still);
            lookUp(still);
        }
    }

    Optional<Long> find(String value) {
        return Optional.ofNullable(known.get(value));
    }

    long created() {
        return created;
    }

    private List<String> missing(Collection<String> values) {
        return values.stream()
                .filter(value -> !known.containsKey(value))
                .distinct()
                .toList();
    }

    private void lookUp(List<String> values) {
        if (field.mayBeSecret()) {
            learn(values, KeyStore::hash, keys::byHash);
            // Some servers log a key's hash instead of the key.
            learn(
                    missing(values).stream()
                            .filter(value -> value.matches(SHA256))
                            .toList(),
                    KeyResolver::lower,
                    keys::byHash);
        }
        if (!create) {
            learn(missing(values), KeyStore::hash, keys::byLabelHash);
            return;
        }
        // A name in one log is not the same caller as that name in another: those of this source have its account.
        long account = accounts.ensure(source, clock.instant());
        learn(missing(values), value -> KeyStore.hash(label(value)), hashes -> keys.byLabelHash(hashes, account));
        learn(missing(values), value -> KeyStore.hash(ownLabel(value)), hashes -> keys.byLabelHash(hashes, account));
    }

    /** Only hashes reach the database, and so its log. */
    private void learn(
            List<String> values, UnaryOperator<String> hash, Function<Collection<String>, Map<String, Long>> find) {
        Map<String, String> hashes = new HashMap<>();
        values.forEach(value -> hashes.put(value, hash.apply(value)));
        Map<String, Long> found = find.apply(hashes.values());
        hashes.forEach((value, text) -> Optional.ofNullable(found.get(text)).ifPresent(id -> known.put(value, id)));
    }

    private void createKeys(List<String> values) {
        long account = accounts.ensure(source, clock.instant());
        Map<String, Long> taken = keys.byLabelHash(
                values.stream().map(value -> KeyStore.hash(label(value))).toList());
        List<KeyStore.NewKey> fresh = new ArrayList<>();
        for (String value : values) {
            String label = taken.containsKey(KeyStore.hash(label(value))) ? ownLabel(value) : label(value);
            Optional<String> sha256 = isName(value) ? Optional.empty() : Optional.of(KeyStore.hash(value));
            fresh.add(new KeyStore.NewKey(account, Optional.empty(), label, sha256, "import"));
        }
        created += keys.create(fresh, clock.instant());
    }

    /** What reports may call the caller: its name where it has one that may be shown, else the head of its hash. */
    private String label(String value) {
        return isName(value)
                ? value
                : field.labelPrefix() + "-" + KeyStore.hash(value).substring(0, LABEL_DIGITS);
    }

    /** Where another account has a key of that label. */
    private String ownLabel(String value) {
        return source + "/" + label(value);
    }

    private boolean isName(String value) {
        return (field.isUser() || field.isAddress())
                && value.length() <= MAX_NAME
                && KeyStore.LABEL.matcher(value).matches()
                && !KeyMask.looksLikeKey(value);
    }

    private static String lower(String hash) {
        return hash.toLowerCase(Locale.ROOT);
    }
}
