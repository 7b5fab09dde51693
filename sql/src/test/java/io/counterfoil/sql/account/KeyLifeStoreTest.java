package io.counterfoil.sql.account;

import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.report.Report;
import io.counterfoil.sql.snapshot.SnapshotRows.Collected;
import io.counterfoil.sql.snapshot.SnapshotRows.KeyRow;
import io.counterfoil.sql.snapshot.SnapshotStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

final class KeyLifeStoreTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
    private static final Duration DAY = Duration.ofDays(1);

    private final TestDatabase database = TestDatabase.fresh();
    private final KeyStore keys = new KeyStore(database.jdbi());
    private final KeyLifeStore life = new KeyLifeStore(database.jdbi());
    private final SnapshotStore snapshots = new SnapshotStore(database.jdbi());

    @BeforeEach
    void oneKey() {
        long account = new AccountStore(database.jdbi()).create("Acme", Optional.empty(), NOW);
        keys.create(
                List.of(new KeyStore.NewKey(
                        account,
                        Optional.empty(),
                        "acme",
                        Optional.of(KeyStore.hash("one")),
                        new KeyTerms(List.of("write", "read", "read"), Optional.empty()),
                        "test")),
                NOW);
    }

    @Test
    void everyChangeIsOneVersionThatEdgesLearnOf() {
        long start = version();

        assertThat(life.disable("acme", NOW)).isTrue();
        assertThat(life.disable("acme", NOW)).as("disabled already").isFalse();
        assertThat(changesAfter(start)).extracting(KeyRow::active).containsExactly(false);
        assertThat(whole()).as("nothing that is valid").isEmpty();
        assertThat(life.enable("acme", NOW)).isTrue();
        assertThat(life.enable("acme", NOW)).as("enabled already").isFalse();
        assertThat(changesAfter(start + 1)).extracting(KeyRow::active).containsExactly(true);
        life.expire("acme", Optional.of(NOW.plusMillis(1_500)), NOW);
        assertThat(changesAfter(start + 2))
                .extracting(KeyRow::expiresAt)
                .containsExactly(Optional.of(NOW.plusMillis(1_500)));
        life.expire("acme", Optional.empty(), NOW);

        assertThat(version()).isEqualTo(start + 4);
        assertThat(whole()).extracting(KeyRow::expiresAt).containsExactly(Optional.empty());
        assertThat(whole()).extracting(KeyRow::scopes).containsExactly("read write");
    }

    @Test
    void aRotatedKeyHasTwoSecretsUnderOneNumberUntilTheOldOneEnds() {
        long keyId = whole().get(0).keyId();
        life.rotate("acme", KeyStore.hash("two"), NOW.plus(DAY), NOW);
        life.rotate("acme", KeyStore.hash("three"), NOW.plus(DAY).plus(DAY), NOW);

        assertThat(keys.byHash(List.of(KeyStore.hash("one"), KeyStore.hash("two"), KeyStore.hash("three"))))
                .containsOnly(
                        Map.entry(KeyStore.hash("one"), keyId),
                        Map.entry(KeyStore.hash("two"), keyId),
                        Map.entry(KeyStore.hash("three"), keyId));
        assertThat(whole())
                .extracting(row -> HexFormat.of().formatHex(row.sha256()), KeyRow::keyId, KeyRow::expiresAt)
                .containsExactlyInAnyOrder(
                        tuple(KeyStore.hash("one"), keyId, Optional.of(NOW.plus(DAY))),
                        tuple(KeyStore.hash("two"), keyId, Optional.of(NOW.plus(DAY.multipliedBy(2)))),
                        tuple(KeyStore.hash("three"), keyId, Optional.empty()));
    }

    @Test
    void theEarlierOfTheKeysAndTheSecretsEndCounts() {
        life.rotate("acme", KeyStore.hash("two"), NOW.plus(DAY), NOW);
        life.expire("acme", Optional.of(NOW.plus(DAY.dividedBy(2))), NOW);

        assertThat(whole())
                .extracting(KeyRow::expiresAt)
                .containsExactly(Optional.of(NOW.plus(DAY.dividedBy(2))), Optional.of(NOW.plus(DAY.dividedBy(2))));
        assertThat(snapshots.changesSince(0, NOW.plus(DAY.multipliedBy(3))).keys())
                .as("long expired")
                .isEmpty();
        assertThat(snapshots.changesSince(1, NOW.plus(DAY.multipliedBy(3))).keys())
                .as("edges that knew it hear of it")
                .hasSize(2);
    }

    @Test
    void aMergeThatHoldsTheVersionFlagsAKeyThatIsBeingChanged() throws Exception {
        Future<Boolean> disabled;
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (Handle merge = database.jdbi().open()) {
            new PlanStore(database.jdbi()).create("small", List.of(UsageLimit.parse("10/hour", "refuse")), NOW);
            merge.begin();
            ControlVersion.hold(merge);
            disabled = other.submit(() -> life.disable("acme", NOW));
            while (!waitsForALock()) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            merge.execute(
                    "insert into flag (limit_id, subject_id, window_start, resets_at, action, quota, used, over, as_of,"
                            + " raised_at, version) select limit_id, key_id, now(), now(), 'refuse', 10, 11, true, now(), now(), 99"
                            + " from api_key, plan_limit");
            merge.commit();
        } finally {
            other.shutdown();
        }

        assertThat(disabled.get(30, TimeUnit.SECONDS)).isTrue();
    }

    /** Whether a session of this test's database does. */
    private boolean waitsForALock() {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("select count(*) > 0 from pg_stat_activity"
                                + " where datname = current_database() and wait_event_type = 'Lock'")
                        .mapTo(Boolean.class)
                        .one());
    }

    @Test
    void aKeyIsNoLabel() {
        String text = ApiKeyText.generate(new SecureRandom()).reveal();
        assertThatThrownBy(() -> new KeyStore.NewKey(1, Optional.empty(), text, Optional.empty(), "test"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("label (test) is a key's text")
                .message()
                .doesNotContain(text);
    }

    @Test
    void whatCannotBeChangedIsRefusedWithTheNextStep() {
        assertThatThrownBy(() -> life.disable("cfk_live_secret", NOW))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("counterfoil key list")
                .message()
                .doesNotContain("cfk_live_secret");
        life.disable("acme", NOW);
        assertThatThrownBy(() -> life.rotate("acme", KeyStore.hash("two"), NOW.plus(DAY), NOW))
                .hasMessageContaining("key 'acme' is disabled, expected one in use; first: counterfoil key enable");
        life.enable("acme", NOW);
        life.expire("acme", Optional.of(NOW), NOW);
        assertThatThrownBy(() -> life.rotate("acme", KeyStore.hash("two"), NOW.plus(DAY), NOW))
                .hasMessageContaining("key 'acme' is expired")
                .hasMessageContaining("--at never");
        assertThatThrownBy(() -> life.expire("acme", Optional.of(Instant.MAX), NOW))
                .hasMessageContaining("expected a time between 1990");
        assertThatThrownBy(() -> life.rotate("acme", KeyStore.hash("one"), Instant.EPOCH, NOW))
                .hasMessageContaining("expected a time between 1990");
    }

    @Test
    void theListTellsEachKeysStateAsOfATime() {
        life.rotate("acme", KeyStore.hash("two"), NOW.plus(DAY), NOW);
        life.expire("acme", Optional.of(NOW.plus(DAY).plus(DAY)), NOW);

        assertThat(list(NOW)).containsEntry("state", "active").containsEntry("secrets", "2");
        assertThat(list(NOW)).containsEntry("old_secret_until", "2026-11-02T12:00:00Z");
        assertThat(list(NOW.plus(DAY))).containsEntry("state", "active").containsEntry("secrets", "1");
        assertThat(list(NOW.plus(DAY).plus(DAY))).containsEntry("state", "expired");
        life.disable("acme", NOW);
        assertThat(list(NOW)).containsEntry("state", "disabled").containsEntry("scopes", "read write");
        assertThat(Report.listOf("keys").list(database.jdbi(), Map.of("account", "Nobody")))
                .isEmpty();
    }

    @Test
    void aKeyTextSaysItsEnvironmentAndProvesItselfByItsChecksum() {
        String text = ApiKeyText.generate(new SecureRandom(), "test").reveal();

        assertThat(text).matches("cfk_test_[0-9A-Za-z]{8}_[0-9A-Za-z]{49}");
        assertThat(ApiKeyText.isWellFormed(text)).isTrue();
        char other = text.charAt(20) == 'a' ? 'b' : 'a';
        assertThat(ApiKeyText.isWellFormed(text.substring(0, 20) + other + text.substring(21)))
                .isFalse();
        // The example of the README.
        assertThat(ApiKeyText.isWellFormed("cfk_live_00000000_00000000000000000000000000000000000000000003cIZ7v"))
                .isTrue();
        assertThatThrownBy(() -> ApiKeyText.generate(new SecureRandom(), "Live_1"))
                .hasMessageContaining("environment is 'Live_1'");
    }

    private Map<String, String> list(Instant at) {
        return Report.listOf("keys")
                .list(database.jdbi(), Map.of("account", "Acme", "at", at.toString()))
                .get(0);
    }

    private long version() {
        return snapshots.changesSince(Long.MAX_VALUE, NOW).version();
    }

    private List<KeyRow> whole() {
        return snapshots.changesSince(0, NOW).keys();
    }

    private List<KeyRow> changesAfter(long version) {
        Collected changes = snapshots.changesSince(version, NOW);
        assertThat(changes.version()).isEqualTo(version + 1);
        return changes.keys();
    }
}
