package io.counterfoil.edge.snapshot;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.snapshot.SnapshotRows.KeyRow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

import static io.counterfoil.edge.snapshot.SnapshotExamples.DATABASE;
import static io.counterfoil.edge.snapshot.SnapshotExamples.HOUR;
import static io.counterfoil.edge.snapshot.SnapshotExamples.NOW;
import static io.counterfoil.edge.snapshot.SnapshotExamples.change;
import static io.counterfoil.edge.snapshot.SnapshotExamples.disabled;
import static io.counterfoil.edge.snapshot.SnapshotExamples.find;
import static io.counterfoil.edge.snapshot.SnapshotExamples.flag;
import static io.counterfoil.edge.snapshot.SnapshotExamples.hash;
import static io.counterfoil.edge.snapshot.SnapshotExamples.key;
import static io.counterfoil.edge.snapshot.SnapshotExamples.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SnapshotFileTest {
    @TempDir
    Path folder;

    @Test
    void readsBackWhatItWroteAndWhatWasAppended() throws Exception {
        SnapshotFile file = new SnapshotFile(folder);
        assertThat(file.read(NOW)).isEmpty();
        KeyRow scoped = new KeyRow(7, 3, 1, "acme-prod", hash(7), true, Optional.of(HOUR), "read write");
        Snapshot first = whole(12, List.of(scoped), flag(7, "refuse"));
        file.write(first);
        long written = Files.size(path());
        Snapshot second = append(file, first, 13, List.of(key(8, 8)));
        append(new SnapshotFileAfterARestart().file, second, 15, List.of(disabled(8, 8), key(9, 9)));

        Snapshot read = new SnapshotFile(folder).read(NOW).orElseThrow();
        assertThat(Files.size(path())).isGreaterThan(written);
        assertThat(read.version()).isEqualTo(15);
        assertThat(read.database()).isEqualTo(DATABASE);
        assertThat(List.of(find(read, 7), find(read, 8), find(read, 9))).containsExactly(7L, 0L, 9L);
        long found = read.find(0, 0, 0, 7);
        assertThat(read.accountId(found)).isEqualTo(3);
        assertThat(read.scopes(found).contains("write")).isTrue();
        assertThat(read.holds(found, () -> HOUR)).isFalse();
        assertThat(read.keys().label(7)).contains("acme-prod");
        assertThat(read.flags().all()).isEqualTo(first.flags().all());
        assertThat(List.copyOf(read.limits().limits()))
                .isEqualTo(List.copyOf(first.limits().limits()));
        assertThat(read.standing(found, java.time.InstantSource.fixed(NOW)).policy())
                .isEqualTo("\"hour\";q=100;w=3600, \"hour-warn\";q=100;w=3600");
    }

    /** A file that a new process reads and then goes on with. */
    private final class SnapshotFileAfterARestart {
        private final SnapshotFile file = new SnapshotFile(folder);

        SnapshotFileAfterARestart() throws Exception {
            file.read(NOW);
        }
    }

    @Test
    void refusesAFileThatWasChangedAnywhere() throws Exception {
        Path path = threeRecords();
        byte[] whole = Files.readAllBytes(path);
        for (int at = 0; at < whole.length; at++) {
            byte[] changed = whole.clone();
            changed[at] ^= 1;
            Files.write(path, changed);
            // The database's identity is covered by the digests, too.
            assertThatThrownBy(() -> new SnapshotFile(folder).read(NOW))
                    .as("byte " + at)
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("snapshot.bin is corrupt")
                    .hasMessageContaining("start with the database up, and it is loaded anew");
        }
    }

    @Test
    void anAppendThatWasCutAnywhereWasNeverInUseAndIsWrittenOver() throws Exception {
        Path path = threeRecords();
        byte[] whole = Files.readAllBytes(path);
        for (int length = 0; length < whole.length; length++) {
            Files.write(path, Arrays.copyOf(whole, length));
            SnapshotFile file = new SnapshotFile(folder);
            if (length < firstEnd) {
                assertThatThrownBy(() -> file.read(NOW)).as("cut at " + length).isInstanceOf(OperatorException.class);
                continue;
            }
            Snapshot read = file.read(NOW).orElseThrow();
            assertThat(read.version()).as("cut at " + length).isEqualTo(length < secondEnd ? 12 : 13);
            append(file, read, 20, List.of(key(20, 20)));
            assertThat(new SnapshotFile(folder).read(NOW).orElseThrow().version())
                    .as("cut at " + length)
                    .isEqualTo(20);
        }
    }

    @Test
    void isWrittenWholeOnceTheChangesAddUp() throws Exception {
        SnapshotFile file = new SnapshotFile(folder);
        Snapshot snapshot =
                whole(1, IntStream.rangeClosed(1, 1000).mapToObj(i -> key(i, i)).toList());
        file.write(snapshot);
        long most = 0;
        for (int version = 2; version < 40; version++) {
            List<KeyRow> all =
                    IntStream.rangeClosed(1, 1000).mapToObj(i -> key(i, i)).toList();
            snapshot = append(file, snapshot, version, all);
            most = Math.max(most, Files.size(path()));
        }
        assertThat(most).isBetween(1L << 20, 3L << 20);
        assertThat(Files.size(path())).isLessThan(most);
        assertThat(new SnapshotFile(folder).read(NOW).orElseThrow().version()).isEqualTo(39);
    }

    private int firstEnd;
    private int secondEnd;

    private Path threeRecords() throws Exception {
        SnapshotFile file = new SnapshotFile(folder);
        Snapshot first = whole(12, List.of(key(7, 7)), flag(7, "refuse"));
        file.write(first);
        firstEnd = (int) Files.size(path());
        Snapshot second = append(file, first, 13, List.of(key(8, 8)));
        secondEnd = (int) Files.size(path());
        append(file, second, 14, List.of(disabled(7, 7)));
        return path();
    }

    private static Snapshot append(SnapshotFile file, Snapshot old, long version, List<KeyRow> rows) throws Exception {
        SnapshotChange change = change(old, version, false, rows);
        Snapshot next = old.with(change, NOW);
        file.keep(next, change);
        return next;
    }

    private Path path() {
        return folder.resolve("snapshot.bin");
    }
}
