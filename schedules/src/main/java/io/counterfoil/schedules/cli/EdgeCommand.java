package io.counterfoil.schedules.cli;

import io.counterfoil.schedules.home.Database;
import io.counterfoil.schedules.home.Home;
import io.counterfoil.schedules.runner.EdgeProcess;
import io.counterfoil.schedules.runner.SingleMachine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

@Command(name = "edge", description = "The HTTP edge.", mixinStandardHelpOptions = true)
final class EdgeCommand {
    private static final long WATCH_MILLIS = 200;

    private final Counterfoil root;

    EdgeCommand(Counterfoil root) {
        this.root = root;
    }

    @Command(name = "run", description = "Run an edge; stop it with Ctrl-C.", mixinStandardHelpOptions = true)
    int run(
            @Option(names = "--config", required = true, paramLabel = "FILE", description = "Its edge.yaml.")
                    Path config,
            @Option(names = "--check", description = "Read the settings and all they name, tell every fault, and end.")
                    boolean check,
            @Option(
                            names = "--accept-snapshot",
                            paramLabel = "VERSION",
                            description = "Take that version of keys and flags though it was refused as looking wrong.")
                    Optional<String> acceptSnapshot)
            throws Exception {
        if (check) {
            List<String> arguments = List.of(
                    "--check",
                    "--config",
                    config.toString(),
                    "--home",
                    root.home().folder().toString());
            return EdgeProcess.run(arguments, root.out()::println);
        }
        CountDownLatch stop = StopSignal.install();
        Home home = root.home();
        try (Database database = root.openDatabase(home);
                EdgeProcess edge = EdgeProcess.start(
                        arguments(config, home, acceptSnapshot),
                        Map.of(),
                        SingleMachine.readyFile(home),
                        database.jdbcUrl(),
                        root.out()::println)) {
            while (!stop.await(WATCH_MILLIS, TimeUnit.MILLISECONDS)) {
                if (!edge.isAlive()) {
                    // It has said why itself.
                    return edge.await();
                }
            }
            edge.close();
            return 0;
        }
    }

    private static List<String> arguments(Path config, Home home, Optional<String> acceptSnapshot) {
        List<String> arguments = new ArrayList<>(
                List.of("--config", config.toString(), "--home", home.folder().toString()));
        acceptSnapshot.ifPresent(version -> arguments.addAll(List.of("--accept-snapshot", version)));
        return arguments;
    }
}
