package io.counterfoil.schedules.cli;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.Zstd;
import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.record.RecordFormat;
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
import java.util.List;
import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;

/** The commands in this process, on a real database and a landing in a folder; what a rollup makes of them: RepairTest. */
final class QuarantineCommandTest {
    private static final SegmentId ID = new SegmentId(new StreamId("edge-1", new Epoch(1_700_000_000, 11), 0), 1);

    private final TestDatabase database = TestDatabase.fresh();

    @TempDir
    Path folder;

    private byte[] csv = {};

    @BeforeEach
    void aQuarantinedSegment() throws Exception {
        csv = RecordFormat.header(ID);
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
        new FolderLanding(folder.resolve("landing"))
                .publish(seal, Zstd.compress("damaged".getBytes(StandardCharsets.US_ASCII)), Optional.empty());
        database.jdbi().useHandle(handle -> {
            handle.execute("insert into batch (planned_at, committed_at) values (now(), '2026-11-01T10:00:00Z')");
            handle.execute(
                    "insert into ledger (edge, epoch, stream, number, batch_id, verdict, reason, counted, rejected,"
                            + " first_seq, last_seq, first_ts_us, last_ts_us, through_us, end_of_stream, sha256)"
                            + " values ('edge-1', ?, 0, 1, 1, 'quarantined', 'sha256 is x', 0, 0, 1, 0, 0, 0, 0, false, ?)",
                    ID.stream().epoch().toString(),
                    seal.sha256());
        });
    }

    @Test
    void theRightDataIsLandedUnderANewNameAndAskedForOnce() throws Exception {
        Path file = Files.write(folder.resolve("copy.csv"), csv);

        Result repaired =
                run("quarantine", "repair", ID.toString(), file.toString(), "--reason=a backup", "--actor=ops");

        assertThat(repaired.exit()).as(repaired.err()).isZero();
        assertThat(repaired.out()).contains("the next rollup counts them").contains("repair/" + ID + ".1.csv.zst");
        assertThat(folder.resolve("landing/repair/" + ID + ".1.csv.zst")).exists();
        assertThat(run("quarantine", "list", "--format=csv").out())
                .contains(ID + ",0,repair asked,sha256 is x,")
                .endsWith(",ops,a backup\n");
        assertThat(run("quarantine", "repair", ID.toString(), file.toString(), "--reason=again")
                        .out())
                .contains("asked for already");
    }

    @Test
    void whatWasNotSealedIsRefusedAndNothingIsWritten() throws Exception {
        Path file = Files.writeString(folder.resolve("copy.csv"), "#something else\n");

        Result refused = run("quarantine", "repair", ID.toString(), file.toString(), "--reason=a backup");

        assertThat(refused.exit()).isEqualTo(3);
        assertThat(refused.err())
                .contains("is not what was sealed")
                .contains("nothing was changed")
                .contains("counterfoil edge declare-lost edge-1 " + ID.stream().epoch());
        assertThat(folder.resolve("landing/repair")).doesNotExist();
        assertThat(run("quarantine", "list", "--format=csv").out()).contains(ID + ",0,quarantined,sha256 is x,");
    }

    @Test
    void onlyWhatIsQuarantinedCanBeRepaired() throws Exception {
        Path file = Files.write(folder.resolve("copy.csv"), csv);

        assertThat(run("quarantine", "repair", ID.stream() + "/2", file.toString(), "--reason=x")
                        .err())
                .contains("was not judged by a rollup yet");
        assertThat(run("rejects", "retry").out()).contains("no reject's reason has passed");
    }

    @Test
    void whatWasDamagedOnceItWasCountedGetsItsRightDataAndIsNotCountedAgain() throws Exception {
        Path file = Files.write(folder.resolve("copy.csv"), csv);
        database.jdbi().useHandle(handle -> handle.execute("update ledger set verdict = 'counted', reason = null"));

        Result repaired = run("quarantine", "repair", ID.toString(), file.toString(), "--reason=a backup");

        assertThat(repaired.exit()).as(repaired.err()).isZero();
        assertThat(repaired.out()).contains("nothing is counted again").contains("repair/" + ID + ".1.csv.zst");
        Result again = run("quarantine", "repair", ID.toString(), file.toString(), "--reason=a backup");
        assertThat(again.exit()).isEqualTo(2);
        assertThat(again.err()).contains("lies in the landing as it was sealed, there is nothing to repair");
        List<Long> asked = database.jdbi()
                .withHandle(handle -> handle.createQuery("select count(*) from repair")
                        .mapTo(Long.class)
                        .list());
        assertThat(asked).containsExactly(0L);
    }

    @Test
    void theRolesAreGivenTheirRights() {
        Result granted = run("database", "grant");

        assertThat(granted.exit()).as(granted.err()).isZero();
        assertThat(granted.out()).contains("counterfoil_edge has its rights");
    }

    private Result run(String... arguments) {
        return InProcess.on(folder, database.jdbcUrl()).run(arguments);
    }
}
