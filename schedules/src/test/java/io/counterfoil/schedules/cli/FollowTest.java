package io.counterfoil.schedules.cli;

import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** A server writes, logrotate rotates, and {@code import --follow} is killed: each line that was written lands once. */
final class FollowTest {
    private static final int ROTATIONS = 20;

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.fresh();

    @Test
    void acrossTwentyRotationsAndKillsEachLineLandsOnce() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Path log = Files.createDirectory(folder.resolve("nginx")).resolve("access.log");
        LandedLines landed = new LandedLines(folder.resolve("home/landing"));
        ExecutorService thread = Executors.newSingleThreadExecutor();
        int kills = 0;
        try (RotatingWriter writer = new RotatingWriter(log, ROTATIONS, seed)) {
            Future<List<String>> writing = thread.submit(writer);
            while (!writing.isDone()) {
                Cli.Running follow = follow(log);
                if (!follow.process().waitFor(1000 + random.nextInt(3000), TimeUnit.MILLISECONDS)) {
                    follow.process().destroyForcibly().waitFor();
                    kills++;
                } else {
                    assertThat(follow.await().err())
                            .as("seed " + seed + ": it ended by itself")
                            .isEmpty();
                }
            }
            List<String> written = writing.get();
            Cli.Running last = follow(log);
            Cli.until("it follows", () -> says(last, "following"));
            Cli.until("all is there; seed " + seed, () -> landed.count() >= written.size());
            last.process().destroy();
            Cli.Result end = last.await();

            assertThat(end.exit()).as("seed " + seed + end.err()).isZero();
            assertThat(end.out()).contains("access.log: ").contains(" requests, 0 rejects");
            assertThat(writer.done()).hasSize(ROTATIONS);
            assertThat(kills).as("seed " + seed).isGreaterThan(3);
            List<String> missing = new ArrayList<>(written);
            List<String> surplus = new ArrayList<>(landed.column(LandedLines.BYTES_OUT));
            landed.column(LandedLines.BYTES_OUT).forEach(missing::remove);
            written.forEach(surplus::remove);
            assertThat(List.of(missing, surplus))
                    .as("lines that are missing, and that are there twice; seed " + seed + ", " + kills + " kills; "
                            + writer.done() + landed.ranges())
                    .containsExactly(List.of(), List.of());
        } finally {
            thread.shutdownNow();
        }
    }

    private Cli.Running follow(Path log) throws Exception {
        return new Cli(folder.resolve("home"))
                .start(
                        "--database=" + database.jdbcUrl(),
                        "import",
                        "--follow",
                        "--every",
                        "0.1",
                        "--format",
                        "combined",
                        "--key-from",
                        "user",
                        "--source",
                        "shop",
                        "--create-keys",
                        log.toString());
    }

    private static boolean says(Cli.Running command, String text) {
        try {
            return Files.readString(command.err()).contains(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whatCannotBeFollowedIsRefused() {
        InProcess cli = InProcess.on(folder.resolve("home"), database.jdbcUrl());
        String[] options = {"import", "--follow", "--format", "combined", "--key-from", "user", "--source", "shop"};

        cli.run(with(options, "a.log", "b.log"))
                .refused("--follow has 2 files (a.log, b.log), expected the one that is being written");
        cli.run(with(options, "-")).refused("--follow has 1 files (-)");
        cli.run(with(options, "--every", "0", "a.log")).refused("--every is 0.0, expected 0.1 to 3600.0 seconds");
        cli.run(with(options, folder.resolve("none/a.log").toString()))
                .refused("cannot be followed, expected a plain file in a folder that exists");
        cli.run(with(options, "--take-unterminated", "a.log"))
                .refused("--take-unterminated does not go with --follow: a line may be half written");
    }

    private static String[] with(String[] options, String... more) {
        return java.util.stream.Stream.concat(java.util.Arrays.stream(options), java.util.Arrays.stream(more))
                .toArray(String[]::new);
    }
}
