package io.counterfoil.sql.snapshot;

import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.snapshot.SnapshotRows.Collected;
import io.counterfoil.sql.snapshot.SnapshotRows.FlagRow;
import io.counterfoil.sql.snapshot.SnapshotRows.Head;
import io.counterfoil.sql.snapshot.SnapshotRows.KeyRow;
import io.counterfoil.sql.snapshot.SnapshotRows.LimitRow;
import io.counterfoil.sql.snapshot.SnapshotRows.OverrideRow;
import io.counterfoil.sql.snapshot.SnapshotRows.Sink;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class SnapshotStoreTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);

    private final TestDatabase database = TestDatabase.fresh();
    private final SnapshotStore snapshots = new SnapshotStore(database.jdbi());

    @BeforeEach
    void threeKeys() {
        long account = new AccountStore(database.jdbi()).create("Acme", Optional.empty(), NOW);
        Optional<Long> plan = Optional.of(
                new PlanStore(database.jdbi()).create("small", List.of(UsageLimit.parse("10/hour", "refuse")), NOW));
        List<KeyStore.NewKey> keys = new ArrayList<>();
        for (String text : List.of("one", "two", "three")) {
            keys.add(new KeyStore.NewKey(account, plan, text, Optional.of(KeyStore.hash(text)), "test"));
        }
        new KeyStore(database.jdbi()).create(keys, NOW);
    }

    @Test
    void anEdgeWhoseClockIsAheadGetsTheFlagsOfTheRunningWindow() {
        database.jdbi()
                .useHandle(handle -> handle.execute(
                        "insert into flag (limit_id, subject_id, window_start, resets_at, action, quota, used, over, as_of,"
                                + " raised_at, version) select limit_id, 1, ?, ?, 'refuse', 10, 11, true, ?, ?, 3 from plan_limit",
                        NOW.atOffset(ZoneOffset.UTC),
                        NOW.plus(HOUR).atOffset(ZoneOffset.UTC),
                        NOW.atOffset(ZoneOffset.UTC),
                        NOW.atOffset(ZoneOffset.UTC)));

        assertThat(snapshots.changesSince(0, NOW.plus(HOUR.multipliedBy(2))).flags())
                .extracting(FlagRow::resetsAt)
                .containsExactly(NOW.plus(HOUR));
        assertThat(snapshots.changesSince(2, NOW.plus(HOUR.multipliedBy(24))).flags())
                .hasSize(1);
        assertThat(snapshots.changesSince(0, NOW.plus(HOUR.multipliedBy(25))).flags())
                .isEmpty();
    }

    @Test
    void theHeadTellsThePlannersEstimateOfAllKeysAndTheCountOfChangedOnes() {
        long never = head(0).keyRows();
        database.jdbi().useHandle(handle -> handle.execute("analyze api_key"));
        database.jdbi()
                .useHandle(handle -> handle.execute("insert into api_key_secret (sha256, key_id, created_at)"
                        + " select sha256(i::text::bytea), 1, now() from generate_series(1, 5) i"));

        assertThat(never).as("never analyzed").isZero();
        assertThat(head(0).keyRows()).isEqualTo(3);
        assertThat(head(1).keyRows()).isEqualTo(8);
        assertThat(snapshots.changesSince(0, NOW).keys())
                .hasSize(8)
                .extracting(KeyRow::keyId)
                .isSorted();
    }

    @Test
    void onlyTheEndIsNoRow() {
        Collected collected = new Collected();
        KeyRowCopy.take(fields(-1), collected);

        assertThat(collected.keys()).isEmpty();
        assertThatThrownBy(() -> KeyRowCopy.take(fields(7), collected))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a row of keys has 7 fields, expected 8 as in snapshot/keys.sql");
    }

    private static byte[] fields(int count) {
        return ByteBuffer.allocate(Short.BYTES).putShort((short) count).array();
    }

    private Head head(long since) {
        List<Head> heads = new ArrayList<>();
        snapshots.read(since, NOW, new Sink<RuntimeException>() {
            @Override
            public boolean head(Head head) {
                heads.add(head);
                return false;
            }

            @Override
            public void limit(LimitRow row) {
                throw new AssertionError("not wanted");
            }

            @Override
            public void override(OverrideRow row) {
                throw new AssertionError("not wanted");
            }

            @Override
            public void key(KeyRow row) {
                throw new AssertionError("not wanted");
            }

            @Override
            public void flag(FlagRow row) {
                throw new AssertionError("not wanted");
            }
        });
        return heads.get(0);
    }
}
