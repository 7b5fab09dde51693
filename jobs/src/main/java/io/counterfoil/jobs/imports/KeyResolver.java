package io.counterfoil.jobs.imports;

import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.KeyStore;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
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
            learn(values, KeyResolver::hash, keys::byHash);
        }
        learn(missing(values), KeyStore::hash, keys::byLabelHash);
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
        List<KeyStore.NewKey> fresh = new ArrayList<>();
        for (String value : values) {
            if (field.isUser() || field.isAddress()) {
                // The user and the address are names: they may be shown.
                if (KeyStore.LABEL.matcher(value).matches()) {
                    fresh.add(new KeyStore.NewKey(account, Optional.empty(), value, Optional.empty(), "import"));
                }
            } else {
                String hash = hash(value);
                String label = field.name() + "-" + hash.substring(0, LABEL_DIGITS);
                fresh.add(new KeyStore.NewKey(account, Optional.empty(), label, Optional.of(hash), "import"));
            }
        }
        created += keys.create(fresh, clock.instant());
    }

    private static String hash(String value) {
        return value.matches(SHA256) ? value.toLowerCase(java.util.Locale.ROOT) : KeyStore.hash(value);
    }
}
