package io.counterfoil.schedules.cli;

import io.counterfoil.sql.hours.SourceStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.time.Instant;
import java.util.Optional;

@Command(name = "source", description = "Imported logs.", mixinStandardHelpOptions = true)
final class SourceCommand {
    private final Counterfoil root;

    SourceCommand(Counterfoil root) {
        this.root = root;
    }

    @Command(
            name = "close",
            description = {
                "Say that all of an imported log is in: hours wait for it no more.",
                "What is imported later all the same is counted and revises its hours. The last word counts."
            },
            mixinStandardHelpOptions = true)
    int close(
            @Parameters(paramLabel = "NAME", description = "As in import --source.") String name,
            @Option(
                            names = "--through",
                            paramLabel = "TIME",
                            description = "Up to when all is in. Default: nothing more is coming.")
                    String through,
            @Option(names = "--reason", paramLabel = "TEXT", description = "Why; kept.") String reason,
            @Mixin ActorOption actor)
            throws Exception {
        Instant now = root.clock().instant();
        Optional<Instant> end = Optional.ofNullable(through).map(text -> Times.instant("--through", text));
        return root.withDatabase(jdbi -> {
            new SourceStore(jdbi)
                    .close(
                            name,
                            end,
                            reason == null ? actor.decision("all of it is imported", now) : actor.because(reason, now));
            root.out()
                    .println("source " + name + " is closed"
                            + end.map(time -> " through " + time).orElse(": nothing more is coming"));
            return 0;
        });
    }
}
