package io.counterfoil.sql.account;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.snapshot.SnapshotRows;
import io.counterfoil.sql.snapshot.SnapshotStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.Test;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class KeyStoreTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

    private final TestDatabase database = TestDatabase.fresh();
    private final KeyStore keys = new KeyStore(database.jdbi());
    private final long account = new AccountStore(database.jdbi()).create("Acme", Optional.of("42"), NOW);
    private final long plan =
            new PlanStore(database.jdbi()).create("small", List.of(UsageLimit.parse("10/hour", "refuse")), NOW);

    @Test
    void edgesLearnOfAKeyByTheVersionThatItWasStampedWith() {
        SnapshotStore snapshots = new SnapshotStore(database.jdbi());
        long before = snapshots.changesSince(0, NOW).version();
        keys.create(List.of(key("acme-1", "one")), NOW);
        SnapshotRows.Collected changes = snapshots.changesSince(before, NOW);

        assertThat(changes.version()).isEqualTo(before + 1);
        assertThat(changes.keys()).hasSize(1);
        assertThat(changes.keys().get(0).label()).isEqualTo("acme-1");
        assertThat(changes.keys().get(0).sha256()).isEqualTo(ApiKeyText.sha256("one"));
        assertThat(snapshots.changesSince(changes.version(), NOW).keys()).isEmpty();
    }

    @Test
    void noVersionIsLostWhenManyCreateKeysAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        List<Callable<Integer>> creations = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            String name = "key-" + i;
            creations.add(() -> keys.create(List.of(key(name, name)), NOW));
        }
        SnapshotStore snapshots = new SnapshotStore(database.jdbi());
        long seen = snapshots.changesSince(0, NOW).version();
        List<String> learnt = new ArrayList<>();
        List<Future<Integer>> created = creations.stream().map(threads::submit).toList();
        while (learnt.size() < 40) {
            // As an edge polls: only what is stamped after what it has seen.
            SnapshotRows.Collected changes = snapshots.changesSince(seen, NOW);
            changes.keys().forEach(key -> learnt.add(key.label()));
            seen = changes.version();
            if (created.stream().allMatch(Future::isDone) && changes.keys().isEmpty()) {
                break;
            }
        }
        threads.shutdown();

        assertThat(learnt).hasSize(40).doesNotHaveDuplicates();
    }

    @Test
    void aLabelOrAHashOfAnotherKeyIsRefusedAndNothingIsCreated() {
        long other = new AccountStore(database.jdbi()).create("Other", Optional.empty(), NOW);
        keys.create(List.of(key("acme-1", "one")), NOW);
        KeyStore.NewKey sameHash = new KeyStore.NewKey(
                other, Optional.of(plan), "other-1", Optional.of(KeyStore.hash("one")), "keys.csv, record 2");

        assertThat(keys.create(List.of(key("acme-1", "one")), NOW))
                .as("the same key again")
                .isZero();
        assertThatThrownBy(() -> keys.create(List.of(key("fresh", "fresh"), sameHash), NOW))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("key cannot be created (keys.csv, record 2)");
        assertThatThrownBy(() -> keys.create(List.of(key("tab\tlabel", "x")), NOW))
                .hasMessageContaining("expected 1 to 128 printable ASCII characters");
        assertThat(keys.byLabelHash(List.of(KeyStore.hash("fresh"), KeyStore.hash("acme-1"))))
                .containsOnlyKeys(KeyStore.hash("acme-1"));
    }

    @Test
    void newKeysAreAllDifferentAndKnownByTheirChecksum() {
        List<String> texts = new ArrayList<>();
        SecureRandom random = new SecureRandom();
        for (int i = 0; i < 1000; i++) {
            texts.add(ApiKeyText.generate(random).reveal());
        }

        assertThat(texts)
                .doesNotHaveDuplicates()
                .allMatch(text -> text.matches("cfk_live_[0-9A-Za-z]{8}_[0-9A-Za-z]{49}"));
        ApiKeyText key = ApiKeyText.generate(random);
        assertThat(key.toString()).doesNotContain(key.reveal().substring(20));
        assertThat(Collections.singletonList(key).toString()).doesNotContain(key.reveal());
    }

    private KeyStore.NewKey key(String label, String text) {
        return new KeyStore.NewKey(account, Optional.of(plan), label, Optional.of(KeyStore.hash(text)), "test");
    }
}
