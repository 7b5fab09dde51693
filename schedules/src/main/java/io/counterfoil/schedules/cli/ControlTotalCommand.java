package io.counterfoil.schedules.cli;

import io.counterfoil.sql.hours.ControlTotalStore;
import io.counterfoil.sql.hours.ControlTotalStore.Total;
import io.counterfoil.sql.hours.Decision;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.time.Instant;
import java.util.concurrent.Callable;

@Command(
        name = "control-total",
        description = {
            "Enter what a source's platform itself says it served in an hour, and see the difference to what was counted.",
            "All of them: counterfoil report control-totals. The newest of an hour holds; it changes no usage."
        },
        mixinStandardHelpOptions = true)
final class ControlTotalCommand implements Callable<Integer> {
    private static final double PERCENT = 100.0;

    private final Counterfoil root;

    @Parameters(paramLabel = "SOURCE", description = "As 'report sources' shows it.")
    private String source;

    @Option(names = "--hour", required = true, paramLabel = "TIME", description = "As 2026-10-31T13:00:00Z.")
    private String hour;

    @Option(
            names = "--requests",
            required = true,
            paramLabel = "N",
            description = "What the platform says it served in that hour.")
    private long requests;

    @Option(names = "--estimate", description = "The platform samples or rounds: a difference proves nothing.")
    private boolean estimate;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Where the number is from; kept.")
    private String reason;

    @Mixin
    private final ActorOption actor = new ActorOption();

    ControlTotalCommand(Counterfoil root) {
        this.root = root;
    }

    @Override
    public Integer call() throws Exception {
        Instant now = root.clock().instant();
        Instant at = Times.instant("--hour", hour);
        Decision decision =
                reason == null ? actor.decision("the platform's own count", now) : actor.because(reason, now);
        return root.withDatabase(jdbi -> {
            long counted = new ControlTotalStore(jdbi).enter(new Total(source, at, requests, estimate), decision);
            long difference = requests - counted;
            root.out()
                    .printf(
                            "%s, %s: the platform says %,d, counted %,d: %s%s%n",
                            source,
                            at,
                            requests,
                            counted,
                            difference == 0 ? "equal" : told(difference),
                            estimate ? " (by an estimate: it proves nothing)" : "");
            return 0;
        });
    }

    private String told(long difference) {
        String percent = requests == 0 ? "" : String.format(" (%.2f %%)", PERCENT * Math.abs(difference) / requests);
        return String.format("%,d%s ", Math.abs(difference), percent)
                + (difference > 0 ? "are missing here" : "are counted that it does not have");
    }
}
