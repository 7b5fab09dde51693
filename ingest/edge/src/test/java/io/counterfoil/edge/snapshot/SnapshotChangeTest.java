package io.counterfoil.edge.snapshot;

import io.counterfoil.sql.snapshot.SnapshotRows;
import io.counterfoil.sql.snapshot.SnapshotRows.FlagRow;
import io.counterfoil.sql.snapshot.SnapshotRows.KeyRow;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SnapshotChangeTest {
    private static final Instant NOW = Instant.parse("2026-11-23T14:30:00Z");
    private static final Instant HOUR = Instant.parse("2026-11-23T14:00:00Z");

    private static KeyRow key(long id, int hash) {
        return key(id, hash, true);
    }

    private static KeyRow key(long id, int hash, boolean active) {
        return new KeyRow(
                id, 1, "key-" + id, ByteBuffer.allocate(32).putInt(28, hash).array(), active);
    }

    private static FlagRow flag(long keyId, String action, Instant start, Instant resets, boolean lifted) {
        return new FlagRow(1, keyId, "100/hour", action, 100, 104, start, NOW, resets, lifted);
    }

    private static FlagRow flag(long keyId, String action) {
        return flag(keyId, action, HOUR, HOUR.plusSeconds(3600), false);
    }

    private static SnapshotRows rows(long version, List<KeyRow> keys, FlagRow... flags) {
        return new SnapshotRows(version, keys, List.of(flags));
    }

    private static Snapshot full(SnapshotRows rows) throws SnapshotRefusedException {
        return SnapshotChange.apply(Snapshot.EMPTY, rows, true, NOW);
    }

    private static long find(Snapshot snapshot, int hash) {
        return snapshot.keyId(0, 0, 0, hash);
    }

    @Test
    void mergesChangesDropsDisabledKeysAndLiftedFlags() throws Exception {
        Snapshot first = full(rows(5, List.of(key(1, 11), key(2, 12)), flag(1, "refuse"), flag(2, "warn")));
        FlagRow lifted = flag(1, "refuse", HOUR, HOUR.plusSeconds(3600), true);
        Snapshot next =
                SnapshotChange.apply(first, rows(7, List.of(key(2, 12, false), key(3, 13)), lifted), false, NOW);
        assertThat(next.version()).isEqualTo(7);
        assertThat(List.of(find(next, 11), find(next, 12), find(next, 13))).containsExactly(1L, 0L, 3L);
        assertThat(next.flag(1, NOW)).isEmpty();
        assertThat(first.flag(1, NOW)).map(Flag::used).contains(104L);
    }

    @Test
    void refusesWhatCannotBeRight() throws Exception {
        Snapshot old = full(rows(5, List.of(key(1, 11), key(2, 12))));
        KeyRow shortHash = new KeyRow(3, 1, "key-3", new byte[31], true);
        KeyRow noLabel = new KeyRow(3, 1, "", new byte[32], true);
        assertRefused(old, rows(4, List.of(key(3, 13))), false, "its version is older than 5");
        assertRefused(old, rows(6, List.of()), true, "it has no keys, the one in use has 2");
        assertRefused(old, rows(6, List.of(key(3, 12))), false, "key 3 (key-3) has the hash of another key");
        assertRefused(old, rows(6, List.of(key(3, 13), key(3, 14))), false, "key 3 is in it twice");
        assertRefused(old, rows(6, List.of(shortHash)), false, "key 3 has a hash of 31 bytes, expected 32");
        assertRefused(old, rows(6, List.of(noLabel)), false, "key 3 has no label");
        assertRefused(old, rows(6, List.of(), flag(1, "explode")), false, "reads '100/hour', 'explode'");
        FlagRow endless = flag(1, "refuse", HOUR, HOUR.plusSeconds(86_400L * 40), false);
        assertRefused(old, rows(6, List.of(), endless), false, "expected up to 32 days");
    }

    private static void assertRefused(Snapshot old, SnapshotRows rows, boolean full, String why) {
        assertThatThrownBy(() -> SnapshotChange.apply(old, rows, full, NOW))
                .isInstanceOf(SnapshotRefusedException.class)
                .hasMessageContaining(why);
    }

    @Test
    void takesTheSternestFlagThatHoldsNow() throws Exception {
        Instant end = HOUR.plusSeconds(3600);
        FlagRow day = new FlagRow(2, 1, "500/day", "refuse", 500, 501, HOUR, NOW, end.plusSeconds(3600), false);
        FlagRow warn = new FlagRow(3, 1, "90/hour", "warn", 90, 104, HOUR, NOW, end.plusSeconds(9999), false);
        Snapshot snapshot = full(rows(2, List.of(key(1, 11)), flag(1, "refuse"), day, warn));
        assertThat(snapshot.flag(1, NOW)).map(Flag::limit).contains("500/day");
        assertThat(snapshot.flag(1, HOUR.minusNanos(1))).isEmpty();
        assertThat(snapshot.flag(1, end.plusSeconds(3600))).map(Flag::limit).contains("90/hour");
        assertThat(snapshot.flag(1, end.plusSeconds(9999))).isEmpty();
    }

    @Test
    void findsEveryKeyAmongManyAndNoOther() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<KeyRow> keys = new ArrayList<>();
        for (int id = 1; id <= 20_000; id++) {
            byte[] hash = new byte[32];
            random.nextBytes(hash);
            keys.add(new KeyRow(id, 1, "key-" + id, hash, true));
        }
        Snapshot snapshot = full(rows(1, keys));
        for (KeyRow row : keys) {
            KeyHash hash = KeyHash.of(row.sha256());
            assertThat(snapshot.keyId(hash.first(), hash.second(), hash.third(), hash.fourth()))
                    .as("seed " + seed)
                    .isEqualTo(row.keyId());
            assertThat(snapshot.keyId(hash.first(), hash.second(), hash.third(), hash.fourth() + 1))
                    .as("seed " + seed)
                    .isZero();
        }
    }

    @Test
    void tellsTheOperatorWhatChanged() throws Exception {
        Snapshot old = full(rows(12, List.of(key(1, 11), key(2, 12)), flag(2, "warn")));
        FlagRow lifted = flag(2, "warn", HOUR, HOUR.plusSeconds(3600), true);
        Snapshot next = SnapshotChange.apply(old, rows(13, List.of(key(3, 13)), flag(1, "refuse"), lifted), false, NOW);
        assertThat(SnapshotNews.lines(old, next, NOW))
                .containsExactly(
                        "snapshot version 13: 3 keys, 2 before",
                        "snapshot version 13: key key-1 over 100/hour (104 used), refused until 15:00:00Z",
                        "snapshot version 13: key key-2 is no longer held over 100/hour");
        assertThat(SnapshotNews.lines(next, next, NOW)).isEmpty();
    }
}
