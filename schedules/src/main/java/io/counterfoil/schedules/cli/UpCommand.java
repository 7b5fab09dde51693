package io.counterfoil.schedules.cli;

import io.counterfoil.jobs.notify.NotifySettings;
import io.counterfoil.schedules.home.Database;
import io.counterfoil.schedules.home.Home;
import io.counterfoil.schedules.home.WebhookKeyFile;
import io.counterfoil.schedules.runner.SingleMachine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;

@Command(
        name = "up",
        description = "Run everything on this machine: Postgres, the edge, the rollup, notices. Stop with Ctrl-C.",
        mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {
    /** The edge's lines bring their own time. */
    private static final Pattern TIMED = Pattern.compile("\\d{4}-\\d{2}-\\d{2}T.*");

    private final Counterfoil root;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The edge's. Default: edge.yaml in the home, made where missing.")
    private Path config;

    UpCommand(Counterfoil root) {
        this.root = root;
    }

    @Override
    public Integer call() throws Exception {
        CountDownLatch stop = StopSignal.install();
        Home home = root.home();
        Clock clock = root.clock();
        Path edgeConfig = config == null ? ownConfig(home) : config;
        try (Database database = root.openDatabase(home)) {
            NotifySettings notices = NotifySettings.of(
                    System.getenv(), List.of(), Optional.empty(), () -> Optional.of(WebhookKeyFile.readOrCreate(home)));
            new SingleMachine(home, database.jdbcUrl(), clock, line -> print(clock, line))
                    .run(edgeConfig, notices, stop);
        }
        return 0;
    }

    private Path ownConfig(Home home) {
        Path file = home.folder().resolve("edge.yaml");
        if (!Files.exists(file)) {
            InitCommand.write(home.folder());
            root.out().println("wrote " + file + " and a first dataset beside it");
        }
        return file;
    }

    private synchronized void print(Clock clock, String line) {
        root.out()
                .println(
                        TIMED.matcher(line).matches()
                                ? line
                                : clock.instant().truncatedTo(ChronoUnit.SECONDS) + " " + line);
    }
}
