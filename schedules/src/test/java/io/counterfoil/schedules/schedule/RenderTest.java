package io.counterfoil.schedules.schedule;

import io.counterfoil.sql.OperatorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** What is rendered is given to the programs that read it, where they are there; a crontab's commands are run by a shell. */
final class RenderTest {
    private static final String JOBS = """
            jobs:
              rollup:
                every: 5m
                offset: 2m
                timeout: 30s
                arguments: [--landing, "{landing}", "100% $HOME 'q' \\"d\\" back\\\\slash"]
                spark: {spark.executor.memory: 2g, spark.app.note: two words}
              retain:
                every: 1d
                offset: 310m
                timeout: 2h
                lock: archive
                overlap: wait
                arguments: [--older-than, 30d]
            """;

    @TempDir
    Path folder;

    @Test
    void aCrontabsCommandSubmitsTheJobWithItsEnvironment() throws Exception {
        Schedule schedule = schedule(JOBS);
        String line = line(Crontab.render(schedule), "rollup");

        assertThat(line).startsWith("2-59/5 * * * * ");
        runAsCron(line);

        assertThat(submitted())
                .containsExactly(
                        "database jdbc:postgresql://db/x?user=a&password=hush",
                        "--master",
                        "spark://10.0.0.1:7077",
                        "--class",
                        "io.counterfoil.jobs.JobMain",
                        "--name",
                        "counterfoil-rollup",
                        "--conf",
                        "spark.executor.memory=2g",
                        "--conf",
                        "spark.app.note=two words",
                        "/opt/counterfoil/jobs.jar",
                        "rollup",
                        "--landing",
                        "s3a://bucket/landing",
                        "100% $HOME 'q' \"d\" back\\slash");
        assertThat(Crontab.render(schedule)).doesNotContain("hush");
    }

    @Test
    void aStartWhileTheJobRunsIsSkipped() throws Exception {
        String line = line(Crontab.render(schedule(JOBS)), "rollup");
        Process holder = new ProcessBuilder(
                        "flock", folder.resolve("rollup.lock").toString(), "sh", "-c", "echo held; exec sleep 30")
                .start();
        try {
            assertThat(holder.inputReader().readLine()).isEqualTo("held");
            runAsCron(line);
            assertThat(folder.resolve("submitted")).doesNotExist();
        } finally {
            holder.descendants().forEach(ProcessHandle::destroyForcibly);
            holder.destroyForcibly();
        }
    }

    @Test
    void aLineLongerThanCronTakesIsRefused() {
        Schedule schedule = schedule(JOBS.replace("two words", "x".repeat(900)));

        assertThatThrownBy(() -> Crontab.render(schedule))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("job rollup makes a line of 1")
                .hasMessageContaining("spark-defaults.conf");
    }

    @Test
    void aDisabledJobIsNotRendered() throws Exception {
        Schedule schedule = schedule(JOBS.replace("    every: 1d", "    enabled: false\n    every: 1d"));

        assertThat(Crontab.render(schedule)).doesNotContain("retain");
        assertThat(SystemdUnits.render(schedule))
                .containsOnlyKeys("counterfoil-rollup.service", "counterfoil-rollup.timer");
    }

    @Test
    void cronTakesTheCrontab() throws Exception {
        assumeTrue(isThere("crontab"), "no crontab on this machine: what cron takes is not checked");
        Path file = Files.writeString(folder.resolve("crontab"), Crontab.render(schedule(JOBS)));
        // cronie's option; Debian's cron has -n for it.
        assumeTrue(run("crontab", "-T", "/dev/null").exit() == 0
                || run("crontab", "-n", "/dev/null").exit() == 0);
        Result checked = run("crontab", run("crontab", "-T", "/dev/null").exit() == 0 ? "-T" : "-n", file.toString());
        assertThat(checked.exit()).as(checked.output()).isZero();
    }

    @Test
    void systemdTakesTheUnits() throws Exception {
        assumeTrue(isThere("systemd-analyze"), "no systemd-analyze on this machine: what systemd takes is not checked");
        List<String> command = new ArrayList<>(List.of("systemd-analyze", "verify"));
        for (Map.Entry<String, String> unit :
                SystemdUnits.render(schedule(JOBS)).entrySet()) {
            command.add(Files.writeString(folder.resolve(unit.getKey()), unit.getValue())
                    .toString());
        }
        Result verified = run(command.toArray(String[]::new));

        assertThat(verified.output().lines().filter(line -> line.contains("counterfoil")))
                .as(verified.output())
                .isEmpty();
        assertThat(verified.exit()).as(verified.output()).isZero();
    }

    @Test
    void systemdReadsTheCalendarAsItIsMeant() throws Exception {
        assumeTrue(isThere("systemd-analyze"), "no systemd-analyze on this machine: its calendar is not checked");
        for (Cadence cadence :
                List.of(new Cadence(5, 2), new Cadence(60, 7), new Cadence(360, 75), new Cadence(1440, 310))) {
            Result read = run(
                    "systemd-analyze",
                    "calendar",
                    "--base-time=2026-03-01 00:00:00 UTC",
                    "--iterations=4",
                    cadence.onCalendar());
            assertThat(read.exit()).as(read.output()).isZero();
            List<String> times = read.output()
                    .lines()
                    .filter(line -> line.contains("2026-03-"))
                    .map(line -> line.replaceAll(".*(2026-03-\\d\\d \\d\\d:\\d\\d:\\d\\d) UTC.*", "$1"))
                    .distinct()
                    .toList();
            List<String> expected = new ArrayList<>();
            java.time.LocalDateTime at =
                    java.time.LocalDateTime.of(2026, 3, 1, 0, 0).plusMinutes(cadence.offsetMinutes());
            for (int i = 0; i < 4; i++) {
                expected.add(at.toString().replace('T', ' ') + ":00");
                at = at.plusMinutes(cadence.everyMinutes());
            }
            assertThat(times).as(read.output()).isEqualTo(expected);
        }
    }

    /** A schedule whose spark-submit writes down what it is given. */
    private Schedule schedule(String jobs) {
        try {
            Path submit = Files.writeString(
                    folder.resolve("spark-submit"),
                    "#!/bin/sh\nprintf '%s\\n' \"database $COUNTERFOIL_DATABASE_URL\" \"$@\" >"
                            + folder.resolve("submitted") + "\n");
            assertThat(submit.toFile().setExecutable(true)).isTrue();
            Path environment = Files.writeString(
                    folder.resolve("jobs.env"),
                    "COUNTERFOIL_DATABASE_URL='jdbc:postgresql://db/x?user=a&password=hush'\n");
            return ScheduleFile.parse(
                    "own.yaml",
                    ScheduleFileTest.DEPLOY
                                    .replace("/opt/spark/bin/spark-submit", submit.toString())
                                    .replace("/etc/counterfoil/jobs.env", environment.toString())
                                    .replace("user: counterfoil", "user: root")
                                    .replace("/var/lib/counterfoil/locks", folder.toString())
                            + jobs);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String line(String crontab, String job) {
        return crontab.lines()
                .filter(line -> line.endsWith("logger -t counterfoil-" + job))
                .findFirst()
                .orElseThrow();
    }

    /** cron takes a percent sign behind a backslash for itself, and gives the rest to the shell. */
    private void runAsCron(String line) throws Exception {
        String command = line.split(" ", 6)[5].replace("\\%", "%").replace("| logger", "| cat #");
        assertThat(command).isNotEmpty();
        Result result = run("/bin/sh", "-c", command);
        assertThat(result.exit()).as(result.output()).isZero();
    }

    private List<String> submitted() throws IOException {
        return Files.readAllLines(folder.resolve("submitted"));
    }

    private record Result(int exit, String output) {}

    private static Result run(String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("TZ", "UTC");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(output).isTrue();
        return new Result(process.exitValue(), output);
    }

    private static boolean isThere(String program) throws Exception {
        return run("/bin/sh", "-c", "command -v " + program).exit() == 0;
    }
}
