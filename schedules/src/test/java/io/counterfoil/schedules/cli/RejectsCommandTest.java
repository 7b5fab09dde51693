package io.counterfoil.schedules.cli;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.Zstd;
import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.RecordRange;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.Unlogged;
import io.counterfoil.schedules.cli.InProcess.Result;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;

/** The commands in this process, on a real database and a landing in a folder. */
final class RejectsCommandTest {
    private static final SegmentId ID = new SegmentId(new StreamId("edge-1", new Epoch(1_700_000_000, 11), 0), 1);
    private static final String HEAD = "#head\n";
    private static final String KEY = "sk_live_0123456789abcdef0123456789";
    private static final String LINE = "1,0,3,items,/v1/\u0007items?" + KEY + "\n";

    private final TestDatabase database = TestDatabase.fresh();

    @TempDir
    Path folder;

    @BeforeEach
    void twoRejects() throws Exception {
        byte[] csv = (HEAD + LINE).getBytes(StandardCharsets.UTF_8);
        Seal seal = new Seal(
                ID,
                1,
                RecordRange.empty(1),
                0,
                Unlogged.NONE,
                0,
                0,
                csv.length,
                Digests.sha256(csv),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.empty());
        new FolderLanding(folder.resolve("landing")).publish(seal, Zstd.compress(csv), Optional.empty());
        database.jdbi().useHandle(handle -> {
            handle.execute("insert into batch (planned_at, committed_at) values (now(), '2026-11-01T10:00:00Z')");
            handle.execute(
                    "insert into reject (edge, epoch, stream, number, byte_position, batch_id, file, line, bytes, reason)"
                            + " values ('edge-1', '1700000000-000000000000000b', 0, 1, 6, 1, 'edge-1/1700000000-000000000000000b/0/1.csv',"
                            + " 2, " + LINE.length() + ", 'ts_us 0 is before 1990'),"
                            + " ('blog', '1700000000-000000000000000c', 0, 7, 99, 1, 'access.log', 4, 12, 'no time')");
        });
    }

    @Test
    void rejectsAreListedByEdgeFileAndSegment() {
        String blog = "blog/1700000000-000000000000000c/0/7,access.log,4,99,12,no time,2026-11-01T10:00:00Z\n";
        String head = "segment,file,line,byte,bytes,reason,rejected_at\n";

        assertThat(run("rejects", "list", "--format", "csv").out().lines()).hasSize(3);
        assertThat(run("rejects", "list", "--format", "csv", "--edge", "blog").out())
                .isEqualTo(head + blog);
        assertThat(run("rejects", "list", "--format", "csv", "--file", "access.log")
                        .out())
                .isEqualTo(head + blog);
        assertThat(run("rejects", "list", "--format", "csv", "--segment", ID.toString())
                        .out())
                .startsWith(head + ID + "," + ID + ".csv,2,6," + LINE.length() + ",ts_us 0 is before 1990,");
    }

    @Test
    void aLineIsShownWithoutTheKeyInItAndWithoutControlCharacters() {
        Result shown = run("rejects", "show", ID.toString(), "6");

        assertThat(shown.exit()).as(shown.err()).isZero();
        assertThat(shown.err()).contains(ID + ".csv, line 2: ts_us 0 is before 1990");
        assertThat(shown.out())
                .startsWith("1,0,3,items,/v1/\\x07items?sk_l***")
                .endsWith("*\n")
                .doesNotContain("0123");
    }

    @Test
    void aLineOfAnImportedFileIsToldByItsPlace() {
        Result shown = run("rejects", "show", "blog/1700000000-000000000000000c/0/7", "99");

        assertThat(shown.exit()).isZero();
        assertThat(shown.out()).isEmpty();
        assertThat(shown.err()).contains("imported file access.log, 12 bytes from byte 99 on");
    }

    @Test
    void whatIsNotThereIsTold() throws Exception {
        assertThat(run("rejects", "show", "edge-1/7", "6").err())
                .contains("segment is 'edge-1/7', expected EDGE/EPOCH/STREAM/NUMBER");
        assertThat(run("rejects", "show", ID.toString(), "7").err())
                .contains("has no reject at byte 7; see counterfoil rejects list --segment " + ID);
        try (var files = Files.walk(folder.resolve("landing"))) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".zst")).toList()) {
                Files.delete(file);
            }
        }
        Result gone = run("rejects", "show", ID.toString(), "6");
        assertThat(gone.exit()).isEqualTo(3);
        assertThat(gone.err()).contains("its data is not in the landing");
    }

    private Result run(String... arguments) {
        return InProcess.on(folder, database.jdbcUrl()).run(arguments);
    }
}
