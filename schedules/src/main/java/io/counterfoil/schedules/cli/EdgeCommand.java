package io.counterfoil.schedules.cli;

import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.schedules.home.Database;
import io.counterfoil.schedules.home.Home;
import io.counterfoil.schedules.runner.EdgeProcess;
import io.counterfoil.schedules.runner.SingleMachine;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.hours.EdgeRosterStore;
import io.counterfoil.sql.hours.LostLogStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

@Command(name = "edge", description = "The HTTP edge, and whose logs hours wait for.", mixinStandardHelpOptions = true)
final class EdgeCommand {
    private static final long WATCH_MILLIS = 200;
    private static final String NAME = "The edge's name, as in its edge.yaml.";

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

    @Command(
            name = "register",
            description = {
                "Let hours wait for an edge's log.",
                "Our edge does this itself when it first starts; do it ahead, or for one that has no database."
            },
            mixinStandardHelpOptions = true)
    int register(
            @Parameters(paramLabel = "NAME", description = NAME) String name,
            @Option(names = "--since", paramLabel = "TIME", description = "From when on. Default: now.") String since,
            @Mixin ActorOption actor)
            throws Exception {
        if (!StreamId.EDGE_NAME.matcher(name).matches()) {
            throw OperatorException.input(
                    "edge name is '" + name + "', expected 1 to 64 of a-z 0-9 . _ - and no sign at the start");
        }
        Instant now = root.clock().instant().truncatedTo(ChronoUnit.MILLIS);
        Instant from = Optional.ofNullable(since)
                .map(text -> Times.instant("--since", text))
                .orElse(now);
        return root.withDatabase(jdbi -> {
            new EdgeRosterStore(jdbi).register(name, from, actor.decision("registered by hand", now));
            root.out().println("hours from " + from + " on wait for edge " + name);
            return 0;
        });
    }

    @Command(
            name = "retire",
            description = "Let hours wait no more for an edge that was stopped for good.",
            mixinStandardHelpOptions = true)
    int retire(
            @Parameters(paramLabel = "NAME", description = NAME) String name,
            @Option(names = "--at", paramLabel = "TIME", description = "Since when it is gone. Default: now.")
                    String at,
            @Mixin ActorOption actor)
            throws Exception {
        Instant now = root.clock().instant().truncatedTo(ChronoUnit.MILLIS);
        Instant until =
                Optional.ofNullable(at).map(text -> Times.instant("--at", text)).orElse(now);
        return root.withDatabase(jdbi -> {
            Instant through = new EdgeRosterStore(jdbi).retire(name, until, actor.decision("stopped for good", now));
            root.out()
                    .println("edge " + name + " is retired at " + until
                            + (through.isBefore(until)
                                    ? "; its log is proven to " + through
                                            + " only, hours wait for the rest: counterfoil hours" + " --incomplete"
                                    : ""));
            return 0;
        });
    }

    @Command(
            name = "declare-lost",
            description = {
                "Say that what is missing of an edge's log is lost: hours wait for it no more.",
                "All that is missing or wrong by now in the epoch at which the log is held up; see hours --incomplete."
            },
            mixinStandardHelpOptions = true)
    int declareLost(
            @Parameters(index = "0", paramLabel = "EDGE", description = NAME) String name,
            @Parameters(
                            index = "1",
                            arity = "0..1",
                            paramLabel = "EPOCH",
                            description = "Default: the one at which the log is held up.")
                    String epoch,
            @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why; kept.") String reason,
            @Mixin ActorOption actor)
            throws Exception {
        Instant now = root.clock().instant().truncatedTo(ChronoUnit.MILLIS);
        return root.withDatabase(jdbi -> {
            LostLogStore.Lost lost =
                    new LostLogStore(jdbi).declare(name, Optional.ofNullable(epoch), actor.because(reason, now));
            root.out()
                    .println("edge " + name
                            + lost.epoch().map(of -> ", epoch " + of).orElse("")
                            + ": what is missing is lost" + (lost.over() ? "" : ", what comes next is awaited")
                            + "; its log counts as proven to " + lost.through());
            return 0;
        });
    }

    private static List<String> arguments(Path config, Home home, Optional<String> acceptSnapshot) {
        List<String> arguments = new ArrayList<>(
                List.of("--config", config.toString(), "--home", home.folder().toString()));
        acceptSnapshot.ifPresent(version -> arguments.addAll(List.of("--accept-snapshot", version)));
        return arguments;
    }
}
