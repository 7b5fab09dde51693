package io.counterfoil.edge.snapshot;

import io.counterfoil.sql.snapshot.SnapshotRows.KeyRow;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

import static io.counterfoil.edge.snapshot.SnapshotExamples.NOW;
import static io.counterfoil.edge.snapshot.SnapshotExamples.key;
import static io.counterfoil.edge.snapshot.SnapshotExamples.next;
import static io.counterfoil.edge.snapshot.SnapshotExamples.whole;
import static org.assertj.core.api.Assertions.assertThat;

class KeyLayersTest {
    /** Against a map of everything, after every one of many random changes: created, disabled, enabled, rotated, expired, scoped. */
    @Test
    void findsAfterAnyChangesWhatAMapWouldHold() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        TreeMap<Long, List<KeyRow>> keys = new TreeMap<>();
        for (long id = 1; id <= 3_000; id++) {
            keys.put(id, List.of(fresh(random, id)));
        }
        Snapshot snapshot =
                whole(1, keys.values().stream().flatMap(List::stream).toList());
        for (int version = 2; version < 200; version++) {
            TreeMap<Long, List<KeyRow>> changed = new TreeMap<>();
            for (int i = random.nextInt(60); i >= 0; i--) {
                long id = 1L + random.nextInt(3_500);
                changed.put(id, changed(random, id, keys.getOrDefault(id, List.of())));
            }
            keys.putAll(changed);
            snapshot = next(
                    snapshot,
                    version,
                    false,
                    changed.values().stream().flatMap(List::stream).toList());
            if (version % 20 == 0) {
                assertHolds(snapshot, keys, "seed " + seed + ", version " + version);
            }
        }
        assertHolds(snapshot, keys, "seed " + seed);
        assertThat(snapshot.keys().tableCount()).as("seed " + seed).isBetween(1, 5);
    }

    private static KeyRow fresh(Random random, long id) {
        byte[] hash = new byte[32];
        random.nextBytes(hash);
        return new KeyRow(
                id, id % 7 + 1, id % 4, "key-" + id, hash, true, Optional.empty(), id % 3 == 0 ? "read write" : "");
    }

    private static List<KeyRow> changed(Random random, long id, List<KeyRow> old) {
        boolean active = random.nextInt(4) > 0;
        List<KeyRow> rows = new ArrayList<>();
        for (KeyRow row : old) {
            Optional<Instant> end =
                    random.nextBoolean() ? Optional.empty() : Optional.of(NOW.plusSeconds(random.nextInt(100)));
            rows.add(new KeyRow(
                    id, row.accountId(), row.planId(), row.label(), row.sha256(), active, end, row.scopes()));
        }
        if (old.isEmpty() || (old.size() < 4 && random.nextBoolean())) {
            KeyRow added = fresh(random, id);
            rows.add(new KeyRow(
                    id,
                    added.accountId(),
                    added.planId(),
                    added.label(),
                    added.sha256(),
                    active,
                    Optional.empty(),
                    added.scopes()));
        }
        return rows;
    }

    private static void assertHolds(Snapshot snapshot, Map<Long, List<KeyRow>> keys, String seed) {
        Map<Long, Boolean> enabled = new HashMap<>();
        for (List<KeyRow> rows : keys.values()) {
            for (KeyRow row : rows) {
                ByteBuffer words = ByteBuffer.wrap(row.sha256());
                long[] hash = {words.getLong(), words.getLong(), words.getLong(), words.getLong()};
                long found = snapshot.find(hash[0], hash[1], hash[2], hash[3]);
                assertThat(found >= 0).as(seed).isEqualTo(row.active());
                if (row.active()) {
                    enabled.put(row.keyId(), true);
                    assertThat(snapshot.keys().label(row.keyId())).as(seed).contains(row.label());
                    assertThat(snapshot.keyId(found)).as(seed).isEqualTo(row.keyId());
                    assertThat(snapshot.accountId(found)).as(seed).isEqualTo(row.accountId());
                    assertThat(snapshot.scopes(found).text()).as(seed).isEqualTo(row.scopes());
                    long justBefore = row.expiresAt().orElse(NOW).toEpochMilli() - 1;
                    assertThat(snapshot.holds(found, () -> Instant.ofEpochMilli(justBefore)))
                            .as(seed)
                            .isTrue();
                    assertThat(snapshot.holds(found, () -> row.expiresAt().orElse(NOW)))
                            .as(seed)
                            .isEqualTo(row.expiresAt().isEmpty());
                }
                assertThat(snapshot.find(hash[0], hash[1], hash[2], hash[3] + 1))
                        .as(seed)
                        .isEqualTo(-1);
            }
        }
        assertThat(snapshot.keyCount()).as(seed).isEqualTo(enabled.size());
    }

    @Test
    void aSmallChangeLeavesTheLargeTableAsItIs() throws Exception {
        List<KeyRow> many = new ArrayList<>();
        for (int i = 1; i <= 5_000; i++) {
            many.add(key(i, i));
        }
        Snapshot large = whole(1, many);
        Snapshot next = next(large, 2, false, List.of(key(1, 1), key(6_000, 6_000)));

        assertThat(next.keys().tableCount()).isEqualTo(2);
        assertThat(next.keys().table(1)).isSameAs(large.keys().table(0));
        assertThat(next.keyCount()).isEqualTo(5_001);
    }

    @Test
    void whatEndedLongAgoGoesWhenTheLastTableIsMerged() throws Exception {
        Instant longAgo = NOW.minusSeconds(86_401);
        Snapshot first = whole(1, List.of(key(1, 1), key(2, 2, true, Optional.of(longAgo), "")));
        assertThat(first.keys().table(0).size()).isEqualTo(2);
        Snapshot next = next(first, 2, false, List.of(key(3, 3)));

        assertThat(next.keys().table(0).size()).isEqualTo(2);
        assertThat(next.find(0, 0, 0, 2)).isEqualTo(-1);
    }
}
