package io.counterfoil.jobs.archive;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.seal.SealJson;
import io.counterfoil.sql.OperatorException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Archives, and landings before they are archived, that somebody or something damaged: noticed, told, and mended. */
final class DamagedArchiveTest {
    @TempDir
    Path folder;

    private CountedSegments counted;

    @BeforeEach
    void countSegments() throws Exception {
        counted = new CountedSegments(folder);
    }

    @Test
    void aBitThatFlippedInTheArchiveIsNoticed() throws Exception {
        counted.archive();
        Path file = anArchivedFile();
        String last = CountedSegments.duckdb(
                        "select coalesce(nullif(dictionary_page_offset, 0), data_page_offset) + total_compressed_size - 1"
                                + " from parquet_metadata('" + file + "') where path_in_schema = 'bytes_out'")
                .get(0);
        byte[] bytes = Files.readAllBytes(file);
        bytes[Integer.parseInt(last)] ^= 4;
        Files.write(file, bytes);

        // By Hadoop's checksums beside local files, and without them by Parquet's own.
        assertCorrupt(() -> counted.audit(true), "Checksum error");
        Files.delete(file.resolveSibling("." + file.getFileName() + ".crc"));
        assertCorrupt(() -> counted.audit(true), "CRC");
    }

    @Test
    void aFileOfTheArchiveThatIsGoneOrCutIsNoticed() throws Exception {
        counted.archive();
        Path file = anArchivedFile();
        byte[] bytes = Files.readAllBytes(file);
        Files.delete(file.resolveSibling("." + file.getFileName() + ".crc"));
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
        assertCorrupt(() -> counted.audit(true), "were written and verified");
        Files.delete(file);
        assertCorrupt(() -> counted.audit(true), "is not there");
        Files.write(file, bytes);
        assertThat(counted.audit(true).differences()).as(counted.seed()).isEmpty();
    }

    private Path anArchivedFile() throws IOException {
        try (Stream<Path> files = Files.walk(counted.archiveFolder())) {
            return files.filter(each -> each.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static void assertCorrupt(ThrowingCallable action, String message) {
        assertThatThrownBy(action)
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(3))
                .hasMessageContaining(message);
    }

    @Test
    void segmentsThatAreNotWhatWasCountedAreToldAndHoldUpNoOthers() throws Exception {
        Path landed = counted.landing().resolve("segments/edge-1");
        List<Path> data;
        List<Path> seals;
        try (Stream<Path> files = Files.walk(landed)) {
            List<Path> all = files.filter(Files::isRegularFile).sorted().toList();
            data = all.stream().filter(each -> each.toString().endsWith(".zst")).toList();
            seals = all.stream()
                    .filter(each -> each.toString().endsWith(".seal.json"))
                    .toList();
        }
        byte[] right = Files.readAllBytes(data.get(1));
        Files.write(data.get(1), Files.readAllBytes(data.get(2)));
        byte[] rightSeal = Files.readAllBytes(seals.get(3));
        Files.delete(seals.get(3));

        assertCorrupt(counted::archive, "not in the landing as they were: 2, the first edge-1/");
        assertThat(CountedSegments.duckdb("select count(*) from " + counted.parquet()))
                .containsExactly("1600");
        assertThat(counted.audit(false).differences()).as(counted.seed()).isEmpty();

        Files.write(seals.get(3), rightSeal);
        assertThat(new FolderLanding(counted.landing())
                        .createRepair(
                                SealJson.read(Files.readAllBytes(seals.get(1))).id(), 1, right))
                .isTrue();
        assertThat(counted.archive().records()).isEqualTo(400);
        assertThat(counted.audit(false).differences()).as(counted.seed()).isEmpty();
        assertThat(CountedSegments.duckdb(
                        "select count(*), count(distinct (edge, stream, seq)) from " + counted.parquet()))
                .containsExactly("2000 2000");
    }
}
