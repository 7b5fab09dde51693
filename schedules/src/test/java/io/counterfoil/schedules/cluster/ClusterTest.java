package io.counterfoil.schedules.cluster;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.landing.LandingAddress;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.jobs.rollup.RollupJob;
import io.counterfoil.jobs.rollup.RollupResult;
import io.counterfoil.jobs.spark.LocalSpark;
import io.counterfoil.schedules.cli.Cli;
import io.counterfoil.schedules.cluster.FaultPlugin.Fault;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The jobs jar on a real cluster: a driver, two executors, each its own process in its own folder. Whatever happens to a task, usage is
 * what the raw lines say, and another rollup changes nothing.
 */
final class ClusterTest {
    private static final long HOUR = 3600;

    @TempDir
    static Path shared;

    private static SparkCluster cluster;
    private static LocalSpark local;

    @TempDir
    Path folder;

    private final long seed = System.nanoTime();
    private TestDatabase database;
    private Path landing;
    private CountedLanding counted;

    @BeforeAll
    static void startCluster() throws Exception {
        cluster = SparkCluster.start(shared);
        local = LocalSpark.start(shared.resolve("local"));
    }

    @AfterAll
    static void stopCluster() throws Exception {
        if (local != null) {
            local.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    @BeforeEach
    void landSegments() throws Exception {
        database = TestDatabase.fresh();
        landing = folder.resolve("landing");
        counted = new CountedLanding(new FolderLanding(landing), seed, startSeconds());
    }

    @Test
    void anExecutorKilledWhileItCountsCostsNothing() throws Exception {
        SparkCluster.Submitted job = rollup(Fault.HOLD_COUNTING, List.of());
        kill(heldExecutor(job));

        assertThat(job.done()).contains("\"records\":" + CountedLanding.records());
        assertCountedOnce();
    }

    @Test
    void anExecutorKilledBetweenItsStagedRowsAndItsCommitMessageCountsOnce() throws Exception {
        SparkCluster.Submitted job = rollup(Fault.HOLD_STAGED, List.of());
        ProcessHandle executor = heldExecutor(job);
        assertThat(database.stagedRows()).as("its rows are committed").isPositive();
        assertThat(database.usage()).as("nothing is merged").isEmpty();
        kill(executor);

        assertThat(job.done()).contains("\"records\":" + CountedLanding.records());
        assertThat(stagedAttempts()).as("attempts that staged").isEqualTo(2);
        assertCountedOnce();
    }

    @Test
    void aTaskThatFailsAfterItsRowsWereCommittedIsRunAgainAndCountsOnce() throws Exception {
        String output = rollup(Fault.FAIL_STAGED, List.of()).done();

        assertThat(output).contains("injected: the task fails after its rows were committed");
        assertThat(stagedAttempts()).as("attempts that staged").isEqualTo(2);
        assertCountedOnce();
    }

    @Test
    void aSlowTaskAndItsSpeculativeCopyCountOnce() throws Exception {
        rollup(
                        Fault.HOLD_STAGED,
                        List.of(
                                "spark.speculation=true",
                                "spark.speculation.interval=100ms",
                                // Of a stage with one task there is no other to compare with.
                                "spark.speculation.task.duration.threshold=1s"))
                .done();

        assertThat(stagedAttempts()).as("attempts that staged").isEqualTo(2);
        assertCountedOnce();
    }

    @Test
    void aLogOnS3IsCountedArchivedAuditedAndTakenAwayWithoutASharedDisk() throws Exception {
        try (S3ProxyProcess s3 = S3ProxyProcess.start(folder)) {
            Landing landing = LandingAddress.parse("s3://" + S3ProxyProcess.BUCKET + "/some/prefix")
                    .open(s3.environment());
            counted = new CountedLanding(landing, seed, startSeconds());
            String s3a = "s3a://" + S3ProxyProcess.BUCKET + "/some/prefix";
            String archive = "s3a://" + S3ProxyProcess.BUCKET + "/archive";
            List<String> settings = List.of(
                    "spark.hadoop.fs.s3a.endpoint=" + s3.endpoint(),
                    "spark.hadoop.fs.s3a.endpoint.region=us-east-1",
                    "spark.hadoop.fs.s3a.path.style.access=true",
                    "spark.hadoop.fs.s3a.connection.ssl.enabled=false",
                    "spark.hadoop.fs.s3a.multiobjectdelete.enable=false");
            Map<String, String> environment = new HashMap<>(s3.environment());
            environment.put("COUNTERFOIL_DATABASE_URL", database.jdbcUrl());
            String records = "\"records\":" + CountedLanding.records();
            StringBuilder output = new StringBuilder();
            for (List<String> job : List.of(
                    List.of("rollup", "--json", "--landing", s3a),
                    List.of("archive", "--json", "--landing", s3a, "--archive", archive),
                    List.of("audit", "--json", "--archive", archive),
                    List.of("retain", "--json", "--landing", s3a, "--older-than", "0d"))) {
                String said = cluster.submit(Fault.NONE, folder, settings, environment, job.toArray(String[]::new))
                        .done();
                assertThat(said)
                        .as(job.get(0))
                        .contains(job.get(0).equals("retain") ? "\"segments\":" + CountedLanding.segments() : records);
                output.append(said);
            }

            assertThat(output).doesNotContain(s3.secret());
            assertThat(database.usage()).as("seed " + seed).isEqualTo(counted.expected());
            // S3A leaves the names of folders.
            for (StreamId stream : landing.streams()) {
                assertThat(landing.sealsAfter(stream, 0, 1)).isEmpty();
                for (long number = 1; number <= CountedLanding.segments(); number++) {
                    assertThat(landing.data(new SegmentId(stream, number))).isEmpty();
                }
            }
        }
    }

    private static long startSeconds() {
        return Instant.now().getEpochSecond() / HOUR * HOUR - 4 * HOUR;
    }

    private SparkCluster.Submitted rollup(Fault fault, List<String> settings) throws IOException {
        return cluster.submit(
                fault,
                folder,
                settings,
                Map.of("COUNTERFOIL_DATABASE_URL", database.jdbcUrl()),
                "rollup",
                "--json",
                "--landing",
                landing.toUri().toString());
    }

    /** Waits until a task stands still. */
    private ProcessHandle heldExecutor(SparkCluster.Submitted job) throws Exception {
        Path pid = folder.resolve("pid");
        Cli.until(
                "a task stands still", () -> Files.exists(pid) || !job.process().isAlive());
        assertThat(Files.exists(pid))
                .as("no task stands still: " + Files.readString(job.output()))
                .isTrue();
        return cluster.executor(Long.parseLong(Files.readString(pid)));
    }

    /** SIGKILL: no handler of the JVM's runs. */
    private static void kill(ProcessHandle executor) throws Exception {
        assertThat(new ProcessBuilder("kill", "-KILL", Long.toString(executor.pid()))
                        .start()
                        .waitFor())
                .isZero();
        executor.onExit().get(10, TimeUnit.SECONDS);
    }

    private void assertCountedOnce() {
        assertThat(database.usage()).as("seed " + seed).isEqualTo(counted.expected());
        RollupResult again =
                new RollupJob(local.session(), landing.toString(), database.jdbcUrl(), Clock.systemUTC()).run();
        // The segments are not chained, and nobody sends any more: that is alarmed for as long as it lasts.
        assertThat(again)
                .as("another rollup")
                .isEqualTo(new RollupResult(0, 0, 0, 0, List.of(), List.of(), List.of(), again.alarms()));
        assertThat(database.usage()).as("seed " + seed).isEqualTo(counted.expected());
        assertThat(database.stagedRows()).as("rows left in staging").isZero();
    }

    private long stagedAttempts() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("staged-"))
                    .count();
        }
    }
}
