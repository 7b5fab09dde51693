package io.counterfoil.schedules.cli;

import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;

import static org.assertj.core.api.Assertions.assertThat;

/** Exports, as people type them. */
final class ExportCommandTest {
    private static final String HEADER =
            "hour,account,account_external_id,key,route,outcome,requests,units,bytes_in,bytes_out,duration_us\n";
    private static final String ROW = "2026-10-05T05:00:00Z,'=Acme,cus_1,acme-1,items,success,7,8,9,10,11\n";

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.fresh();
    private InProcess cli;

    @BeforeEach
    void anHourOfUsage() {
        cli = InProcess.on(folder.resolve("home"), database.jdbcUrl());
        database.jdbi().useHandle(handle -> {
            handle.execute("insert into account (name, external_id, created_at) values ('=Acme', 'cus_1', now())");
            handle.execute("insert into api_key (account_id, label, label_sha256, created_at, version)"
                    + " values (1, 'acme-1', sha256('acme-1'), now(), 1)");
            handle.execute("insert into plan (name, created_at) values ('pro', now())");
            handle.execute("insert into subscription (account_id, since, plan_id, actor, reason, created_at)"
                    + " values (1, '2026-10-01T00:00:00Z', 1, 'erin', 'new', now())");
            handle.execute("select create_usage_partition('2026-10-01 00:00:00+00')");
            handle.execute(
                    "insert into usage_hourly values ('2026-10-05T05:00:00Z', 1, 'items', 'success', 7, 8, 9, 10, 11)");
        });
    }

    private InProcess.Result done(String... command) {
        InProcess.Result result = cli.run(command);
        assertThat(result.exit()).as(result.err()).isZero();
        return result;
    }

    @Test
    void usageGoesToStandardOutputOrIntoAFileWithItsManifest() throws Exception {
        assertThat(done("export", "usage", "--from=2026-10-01", "--to=2026-11-01")
                        .out())
                .isEqualTo(HEADER + ROW);
        assertThat(done("export", "usage", "--from=2026-10-01", "--to=2026-11-01", "--out=-", "--format=jsonl")
                        .out())
                .startsWith("{\"hour\":\"2026-10-05T05:00:00Z\",\"account\":\"=Acme\",")
                .endsWith("\"duration_us\":11}\n");
        Path file = folder.resolve("usage.csv");
        InProcess.Result result = done("export", "usage", "--from=2026-10-01", "--to=2026-11-01", "--out=" + file);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .contains(
                        "usage from 2026-10-01T00:00:00Z to 2026-11-01T00:00:00Z is in " + file + ": 1 rows, sha256 ");
        assertThat(file).hasContent(HEADER + ROW);
        assertThat(folder.resolve("usage.csv.manifest.json")).content().contains("\"requests\" : 7");
        Path parquet = folder.resolve("usage.parquet");
        done("export", "usage", "--from=2026-10-01", "--to=2026-11-01", "--out=" + parquet, "--format=parquet");
        assertThat(Files.readString(parquet, java.nio.charset.StandardCharsets.ISO_8859_1))
                .startsWith("PAR1");
        assertThat(done("export", "usage", "--from=2027-10-01", "--to=2027-11-01")
                        .out())
                .isEqualTo(HEADER);
    }

    @Test
    void invoicesOfAMonthThatHasNone() {
        assertThat(done("export", "invoices", "--period=2026-10").out()).startsWith("number,kind,account,");
        assertThat(done("export", "invoice-lines", "--period=2026-10").out()).startsWith("number,line,account,");
        cli.run("export", "invoice-html", "12").refused("invoice is 12, expected the number of a final one");
    }

    @Test
    void stripesEventsAreSentOnceAndTheirFileCanBeWrittenAgain() throws Exception {
        Path file = folder.resolve("events.jsonl");
        // The hour is long past by this machine's clock, or soon will be.
        InProcess.Result refused = cli.run("export", "stripe", "--from=2020-01-01", "--to=2021-01-01", "--out=" + file);
        assertThat(refused.exit()).as(refused.err()).isZero();
        assertThat(refused.err()).contains("nothing is due");
        database.jdbi().useHandle(handle -> {
            handle.execute("select create_usage_partition('2020-02-01 00:00:00+00')");
            handle.execute("update subscription set since = '2020-01-01T00:00:00Z'");
            handle.execute(
                    "insert into usage_hourly values ('2020-02-05T05:00:00Z', 1, 'items', 'success', 7, 8, 9, 10, 11)");
        });
        cli.run("export", "stripe", "--from=2020-01-01", "--to=2021-01-01", "--out=" + folder.resolve("old.jsonl"))
                .refused("usage was refused: 1 lines above name it");
        assertThat(folder.resolve("old.jsonl.manifest.json"))
                .content()
                .contains("account '=Acme', api_requests, 1 hours");

        database.jdbi().useHandle(handle -> {
            handle.execute("select create_usage_partition(now())");
            handle.execute(
                    "insert into usage_hourly values (date_trunc('hour', now(), 'UTC'), 1, 'items', 'success', 5, 0, 0, 0, 0)");
        });
        Path now = folder.resolve("now.jsonl");
        String[] send = {
            "export", "stripe", "--from=2026-11-01", "--to=2999-01-01", "--out=" + now, "--meter=requests=calls"
        };
        assertThat(done(send).err())
                .contains("batch 1, hours from 2026-11-01T00:00:00Z to 2999-01-01T00:00:00Z: 1 events");
        assertThat(now).content().contains("\"event_name\":\"calls\"").contains("\"value\":\"5\"");
        cli.run(send).refused("is there already");
        Path again = folder.resolve("again.jsonl");
        done("export", "stripe", "--again=1", "--out=" + again);
        assertThat(again).hasSameBinaryContentAs(now);
        assertThat(done("report", "stripe-batches", "--format=csv")
                        .out()
                        .lines()
                        .skip(1))
                .singleElement()
                .asString()
                .matches("1,[^,]*Z,[^,]*Z,2026-11-01T00:00:00Z,2999-01-01T00:00:00Z,calls,1,5");

        // A run that died.
        database.jdbi().useHandle(handle -> handle.execute("update stripe_batch set written_at = null"));
        assertThat(done("report", "stripe-batches", "--format=csv").out()).contains("Z,-,2026-11-01T00:00:00Z,");
        cli.run("export", "stripe", "--from=2026-10-01", "--to=2026-10-02", "--out=" + folder.resolve("other.jsonl"))
                .refused("Write it: counterfoil export stripe --again 1 --out FILE");
        assertThat(done("export", "stripe", "--again=1", "--out=" + again).err())
                .contains("batch 1, hours from 2026-11-01T00:00:00Z to 2999-01-01T00:00:00Z: 1 events are in " + again);
        done("export", "stripe", "--from=2026-11-01", "--to=2026-11-02", "--out=" + folder.resolve("other.jsonl"));
    }

    @Test
    void whatDoesNotFitIsToldWithWhatWould() {
        cli.run("export", "usage", "--from=2026-10-02", "--to=2026-10-01")
                .refused("--to is 2026-10-01T00:00:00Z, which is before --from 2026-10-02T00:00:00Z");
        cli.run("export", "usage", "--from=2026-10-01", "--to=2026-10-02", "--format=xml")
                .refused("--format is 'xml', expected csv, parquet or jsonl");
        cli.run("export", "usage", "--from=2026-10-01", "--to=2026-10-02", "--format=parquet")
                .refused("--format is parquet and no --out is given, expected --out FILE");
        cli.run("export", "invoices", "--period=October").refused("--period is 'October', expected a month as 2026-10");
        cli.run("export", "stripe", "--out=" + folder.resolve("x"))
                .refused("expected --from and --to, and --meter if need be, or --again BATCH without any of them");
        for (String more : java.util.List.of("--from=2026-10-01", "--to=2026-10-01", "--meter=requests=calls")) {
            cli.run("export", "stripe", "--again=1", more, "--out=" + folder.resolve("x"))
                    .refused("or --again BATCH without any of them: a batch's hours and meters are fixed");
        }
        cli.run("export", "stripe", "--from=2026-10-01", "--to=2026-10-02", "--out=-")
                .refused("--out is -, expected a file's name");
        cli.run("export", "stripe", "--again=4", "--out=" + folder.resolve("x"))
                .refused("batch is 4, expected one that was fixed: there is none yet");
        cli.run(
                        "export",
                        "stripe",
                        "--from=2026-10-01",
                        "--to=2026-10-02",
                        "--out=" + folder.resolve("x"),
                        "--meter=hits=calls")
                .refused("--meter is 'hits=calls', expected MEASURE=EVENT");
    }
}
