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

/** kill -9 of an export, twice, after something of it is on disk; then the same bytes as of one that nobody killed. */
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

    private static List<String> lines(Path log) {
        try {
            return Files.exists(log) ? Files.readAllLines(log) : List.of();
        } catch (IOException e) {
            // It is just being made anew.
            return List.of();
        }
    }
}
