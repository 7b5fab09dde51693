package io.counterfoil.edge.snapshot;

import io.counterfoil.sql.OperatorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SnapshotFileTest {
    private static final Instant HOUR = Instant.parse("2026-11-23T14:00:00Z");

    @TempDir
    Path folder;

    private final SnapshotKey key = new SnapshotKey(7, 3, "acme-prod", new KeyHash(1, -2, 3, -4));
    private final Flag flag = new Flag(
            5, 7, "100/hour", FlagAction.REFUSE, 100, 104, HOUR, HOUR.plusNanos(123_456_789), HOUR.plusSeconds(3600));

    @Test
    void readsBackWhatItWrote() throws Exception {
        SnapshotFile file = new SnapshotFile(folder);
        assertThat(file.read()).isEmpty();
        file.write(new Snapshot(12, List.of(key), List.of(flag)));
        Snapshot read = file.read().orElseThrow();
        assertThat(read.version()).isEqualTo(12);
        assertThat(read.keys().key(0)).isEqualTo(key);
        assertThat(read.flags()).containsExactly(flag);
    }

    @Test
    void refusesAFileThatWasCutOrChangedAnywhere() throws Exception {
        SnapshotFile file = new SnapshotFile(folder);
        file.write(new Snapshot(12, List.of(key), List.of(flag)));
        Path path = folder.resolve("snapshot.bin");
        byte[] whole = Files.readAllBytes(path);
        for (int at = 0; at < whole.length; at++) {
            byte[] changed = whole.clone();
            changed[at] ^= 1;
            Files.write(path, changed);
            assertCorrupt(file);
            Files.write(path, Arrays.copyOf(whole, at));
            assertCorrupt(file);
        }
    }

    private static void assertCorrupt(SnapshotFile file) {
        assertThatThrownBy(file::read)
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("snapshot.bin is corrupt");
    }
}
