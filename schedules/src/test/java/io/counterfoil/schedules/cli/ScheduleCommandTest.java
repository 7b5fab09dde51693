package io.counterfoil.schedules.cli;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import static org.assertj.core.api.Assertions.assertThat;

final class ScheduleCommandTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... arguments) {
        return Main.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                arguments);
    }

    @Test
    void rendersIntoAFolderWhatItWouldPrint() throws Exception {
        assertThat(run("schedule", "render", "crontab")).isZero();
        String printed = out.toString(StandardCharsets.UTF_8);
        assertThat(run("schedule", "render", "crontab", "--out", folder.toString()))
                .isZero();
        assertThat(run("schedule", "render", "systemd", "--out", folder.toString()))
                .isZero();

        assertThat(folder.resolve("counterfoil.crontab"))
                .hasContent(printed)
                .content()
                .contains("*/5 * * * * set -a; . /etc/counterfoil/jobs.env; set +a; flock -E 0 -n");
        assertThat(Files.readString(folder.resolve("counterfoil-rollup.timer")))
                .contains("OnCalendar=*-*-* *:00/5:00 UTC");
        assertThat(folder).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void listsTheJobs() {
        assertThat(run("schedule", "list", "--json")).isZero();

        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("[{\"job\":\"rollup\",\"enabled\":true,\"every_seconds\":300,\"offset_seconds\":0,"
                        + "\"timeout_seconds\":3600,\"lock\":\"rollup\",\"overlap\":\"skip\"}");
    }

    @Test
    void faultsEndWithExitCode2() throws Exception {
        Path file = Files.writeString(folder.resolve("own.yaml"), "jobs: {rollup: {every: 7m}}\n");

        assertThat(run("schedule", "check", "--schedule", file.toString())).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .startsWith("error: 3 faults in the schedule")
                .contains(file + ":1: field 'deploy' is missing")
                .contains(file + ":1: field 'jobs.rollup.every' is '7m'");
        assertThat(run("schedule", "check", "--schedule", folder.resolve("none").toString()))
                .isEqualTo(2);
    }
}
