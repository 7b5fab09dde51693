package io.counterfoil.schedules.cli;

import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

/** kill -9 of an export, after something of it is on disk or in the ledger; then the same bytes as of one that nobody killed. */
final class ExportKillTest {
    private static final int HOURS = 300;
    private static final int ROWS_AN_HOUR = 1500;

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.fresh();

    private static String[] export(Path file) {
        return new String[] {"export", "usage", "--from=2026-10-01", "--to=2026-11-01", "--out=" + file};
    }

    private String[] withDatabase(String[] command) {
        List<String> all = new ArrayList<>(List.of(command));
        all.add("--database=" + database.jdbcUrl());
        return all.toArray(String[]::new);
    }

    @Test
    void aKilledExportGoesOnAndEndsWithTheSameBytes() throws Exception {
        database.jdbi().useHandle(handle -> {
            handle.execute("select create_usage_partition('2026-10-01 00:00:00+00')");
            handle.execute(
                    "insert into usage_hourly select '2026-10-01 00:00:00+00'::timestamptz + h * interval '1 hour', 0,"
                            + " 'a-route-with-a-name-of-some-length-' || n, 'success', 1 + n, h, n * h, 1234567890123 + n, 77"
                            + " from generate_series(0, " + (HOURS - 1) + ") h, generate_series(1, " + ROWS_AN_HOUR
                            + ") n");
            handle.execute("analyze usage_hourly");
        });
        Cli cli = new Cli(folder.resolve("home"));
        Path file = folder.resolve("usage.csv");
        Path log = folder.resolve("usage.csv.part.log");
        for (int kill = 1; kill <= 2; kill++) {
            int known = kill;
            Cli.Running running = cli.start(withDatabase(export(file)));
            Cli.until(
                    "checkpoint " + kill + " is on disk",
                    () -> lines(log).size() > known || !running.process().isAlive());
            running.process().destroyForcibly().waitFor();
            assertThat(running.await().exit()).as(running.await().err()).isNotZero();
            assertThat(file).doesNotExist();
            assertThat(lines(log)).hasSizeGreaterThan(kill);
        }
        Cli.Result resumed = cli.run(withDatabase(export(file)));
        assertThat(resumed.exit()).as(resumed.err()).isZero();
        assertThat(resumed.err()).contains("usage: going on at 2026-10-");
        Path undisturbed = folder.resolve("undisturbed.csv");
        assertThat(InProcess.on(folder.resolve("home"), database.jdbcUrl())
                        .run(export(undisturbed))
                        .exit())
                .isZero();

        assertThat(Files.mismatch(file, undisturbed)).isEqualTo(-1);
        assertThat(folder.resolve("usage.csv.manifest.json"))
                .hasSameTextualContentAs(folder.resolve("undisturbed.csv.manifest.json"))
                .content()
                .contains("\"rows\" : " + (long) HOURS * ROWS_AN_HOUR);
        assertThat(log).doesNotExist();
    }

    /** Wherever it is killed once its batch is fixed: the next run tells, or the file is whole; and nothing is sent twice or never. */
    @Test
    void aKilledRunForStripeLosesNoBatch() throws Exception {
        database.jdbi().useHandle(handle -> {
            handle.execute("insert into account (name, external_id, created_at)"
                    + " select 'account ' || n, 'cus_' || n, now() from generate_series(1, 60) n");
            handle.execute(
                    "insert into api_key (account_id, label, label_sha256, created_at, version)"
                            + " select account_id, 'key-' || account_id, sha256(('key-' || account_id)::bytea), now(), 1 from account");
            handle.execute("insert into plan (name, created_at) values ('pro', now())");
            handle.execute("insert into subscription (account_id, since, plan_id, actor, reason, created_at)"
                    + " select account_id, '2020-01-01T00:00:00Z', 1, 'erin', 'new', now() from account");
            handle.execute("select create_usage_partition(now()), create_usage_partition(now() - interval '25 days')");
            handle.execute(
                    "insert into usage_hourly select date_trunc('hour', now(), 'UTC') - h * interval '1 hour', key_id,"
                            + " 'items', 'success', 1 + h, 0, 0, 0, 0 from generate_series(0, 600) h, api_key");
            handle.execute("analyze");
        });
        Cli cli = new Cli(folder.resolve("home"));
        Path file = folder.resolve("events.jsonl");
        Cli.Running running = cli.start(withDatabase(stripe(file)));
        Cli.until(
                "the batch is fixed",
                () -> count("select count(*) from stripe_batch") > 0
                        || !running.process().isAlive());
        running.process().destroyForcibly().waitFor();
        long unwritten = count("select count(*) from stripe_batch where written_at is null");

        InProcess next = InProcess.on(folder.resolve("home"), database.jdbcUrl());
        Path other = folder.resolve("other.jsonl");
        if (unwritten == 1) {
            next.run(stripe(other)).refused("Write it: counterfoil export stripe --again 1 --out FILE");
            assertThat(other).doesNotExist();
            InProcess.Result again = next.run("export", "stripe", "--again=1", "--out=" + file);
            assertThat(again.exit()).as(again.err()).isZero();
        }
        InProcess.Result rest = next.run(stripe(other));
        assertThat(rest.exit()).as(rest.err()).isZero();
        assertThat(other).isEmptyFile();
        assertThat(Files.readAllLines(file)).hasSize(60 * 601).doesNotHaveDuplicates();
        assertThat(folder.resolve("events.jsonl.manifest.json")).content().contains("\"rows\" : " + 60 * 601);
        System.out.println("killed with its batch " + (unwritten == 1 ? "not written" : "written"));
    }

    private static String[] stripe(Path file) {
        return new String[] {"export", "stripe", "--from=2020-01-01", "--to=2999-01-01", "--out=" + file};
    }

    private long count(String query) {
        return database.jdbi()
                .withHandle(
                        handle -> handle.createQuery(query).mapTo(Long.class).one());
    }

    private static List<String> lines(Path log) {
        try {
            return Files.exists(log) ? Files.readAllLines(log) : List.of();
        } catch (IOException e) {
            // It is just being made anew.
            return List.of();
        }
    }
}
