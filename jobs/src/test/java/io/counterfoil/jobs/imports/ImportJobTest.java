package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.SegmentReader;
import io.counterfoil.accesslog.record.RecordCursor;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What foreign files do: odd line ends, compression in members, growth, being rewritten. */
final class ImportJobTest {
    private static final String CSV = "time,status,bytes,user,path\n";
    private static final String ROW = "2026-10-01T10:00:00Z,200,5,bob,/a\n";

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.fresh();

    @Test
    void byteOrderMarksAndCarriageReturnsAreNoPartOfTheData() {
        ImportResult result = run("csv", bytes("\uFEFF" + (CSV + ROW + ROW).replace("\n", "\r\n")), false);

        assertThat(result.requests()).isEqualTo(2);
        assertThat(result.rejects()).isZero();
        assertThat(result.createdKeys()).isEqualTo(1);
    }

    @Test
    void everyMemberOfAGzipThatComesThroughAPipeIsRead() throws IOException {
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        members.writeBytes(gzip(CSV + ROW));
        members.writeBytes(gzip(ROW + ROW));
        // As a pipe between two writes: it never tells that more is to come.
        InputStream pipe = new ByteArrayInputStream(members.toByteArray()) {
            @Override
            public synchronized int available() {
                return 0;
            }
        };

        assertThat(job().run(settings("csv", false), "log.gz", pipe).requests()).isEqualTo(3);
    }

    @Test
    void aGzipThatIsCutIsCorruptAndGoesOnOnceItIsWhole() throws IOException {
        StringBuilder log = new StringBuilder(CSV);
        for (int i = 0; i < 200_000; i++) {
            log.append("2026-10-01T10:00:00Z,200,")
                    .append(i)
                    .append(",bob,/a")
                    .append(i * 7919L)
                    .append('\n');
        }
        byte[] whole = gzip(log.toString());
        byte[] cut = java.util.Arrays.copyOf(whole, whole.length * 4 / 5);

        assertThatThrownBy(() -> run("csv", cut, false))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(3))
                .hasMessageContaining("cannot be read behind byte");
        ImportResult rest = run("csv", whole, false);

        assertThat(rest.importedBefore()).isPositive();
        assertThat(landedBytesOut()).hasSize(200_000).doesNotHaveDuplicates();
    }

    @Test
    void aHeaderAloneSaysNothingOfWhichFileThisIs() {
        assertThat(run("csv", bytes(CSV), false).segments()).isZero();
        assertThat(run("csv", bytes(CSV + ROW), false).requests()).isEqualTo(1);
        assertThat(run("csv", bytes(CSV + ROW.replace("bob", "eve")), false).requests())
                .as("another file with the same header")
                .isEqualTo(1);
    }

    @Test
    void aLastLineWithoutNewlineWaitsUnlessItIsTaken() {
        String log = CSV + ROW + ROW.strip();

        assertThat(run("csv", bytes(log), false).requests()).isEqualTo(1);
        assertThat(run("csv", bytes(log), true).requests()).isEqualTo(1);
        ImportResult again = run("csv", bytes(log), true);
        assertThat(again.requests()).isZero();
        assertThat(run("csv", bytes(log), false).requests()).isZero();
    }

    @Test
    void aFileThatWasRewrittenIsRefused() {
        StringBuilder log = new StringBuilder(CSV);
        for (int i = 0; i < 1000; i++) {
            log.append(ROW.replace("/a", "/a" + i));
        }
        String was = log.toString();
        run("csv", bytes(was), false);
        String rewritten = was.substring(0, was.length() - 100) + "x".repeat(99) + "\n" + ROW;

        assertThatThrownBy(() -> run("csv", bytes(rewritten), false))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
                .hasMessageContaining("it was rewritten");
    }

    @Test
    void aLineThatIsTooLongIsARejectAndTheNextOneCounts() {
        String log = CSV + ROW.replace("/a", "/" + "a".repeat(SourceFile.MAX_LINE_BYTES)) + ROW;
        ImportResult result = run("csv", bytes(log), false);

        assertThat(result.requests()).isEqualTo(1);
        assertThat(result.rejects()).isEqualTo(1);
        assertThat(run("csv", bytes(log + ROW), false).requests()).isEqualTo(1);
    }

    private ImportResult run(String format, byte[] log, boolean takeUnterminated) {
        return job().run(settings(format, takeUnterminated), "access.log", new ByteArrayInputStream(log));
    }

    private ImportJob job() {
        return new ImportJob(folder, database.jdbcUrl(), InstantSource.system(), lines -> {});
    }

    private static ImportSettings settings(String format, boolean takeUnterminated) {
        return new ImportSettings(format, "user", "shop", Optional.empty(), true, false, takeUnterminated);
    }

    private List<Long> landedBytesOut() throws IOException {
        FolderLanding landing = new FolderLanding(folder);
        List<Long> all = new ArrayList<>();
        try {
            for (StreamId stream : landing.streams()) {
                for (Seal seal : landing.sealsAfter(stream, 0, Integer.MAX_VALUE)) {
                    RecordCursor cursor = new SegmentReader(landing).read(seal).cursor();
                    while (cursor.next()) {
                        all.add(cursor.bytesOut());
                    }
                }
            }
        } catch (io.counterfoil.accesslog.segment.CorruptSegmentException
                | io.counterfoil.accesslog.record.CorruptRecordException e) {
            throw new AssertionError(e);
        }
        return all;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(bytes(text));
        }
        return bytes.toByteArray();
    }
}
