package io.counterfoil.schedules.cli;

import io.counterfoil.schedules.demo.DemoLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** kill -9 of import and rollup at random moments; the next run goes on and counts nothing twice. */
final class KillTest {
    private static final int REQUESTS = 206_860;

    @TempDir
    Path folder;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @Test
    void importAndRollupGoOnFromWhereTheyWereKilled() throws Exception {
        Cli cli = new Cli(folder.resolve("home"));
        Path log = folder.resolve("blog.log.gz");
        try (var in = DemoLog.class.getResourceAsStream("blog-2016/blog-2016.log.gz")) {
            Files.copy(in, log);
        }
        String[] importLog = {
            "import", "--format", "combined", "--key-from", "user", "--source", "blog", "--create-keys", log.toString()
        };
        for (int i = 0; i < 4; i++) {
            kill(cli.start(importLog), 1500 + random.nextInt(3500));
            kill(cli.start("job", "rollup"), 3000 + random.nextInt(5000));
        }
        Cli.Result imported = cli.run(importLog);
        Cli.Result rolled = cli.run("job", "rollup");
        Cli.Result report = cli.run("report", "usage-hourly", "--format", "csv");

        assertThat(imported.exit()).as("seed " + seed + imported.err()).isZero();
        assertThat(rolled.exit()).as("seed " + seed + rolled.err()).isZero();
        assertThat(CommandLineTest.usage(report.out())).as("seed " + seed).isEqualTo(CommandLineTest.truth());
        assertThat(report.out()
                        .lines()
                        .skip(1)
                        .mapToLong(line -> Long.parseLong(line.split(",", -1)[3]))
                        .sum())
                .isEqualTo(REQUESTS);
    }

    private static void kill(Cli.Running command, long afterMillis) throws Exception {
        if (!command.process().waitFor(afterMillis, TimeUnit.MILLISECONDS)) {
            command.process().destroyForcibly().waitFor();
        }
    }
}
