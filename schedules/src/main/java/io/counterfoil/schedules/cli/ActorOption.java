package io.counterfoil.schedules.cli;

import io.counterfoil.sql.hours.Decision;
import picocli.CommandLine.Option;

import java.time.Instant;

/** Who decides. */
final class ActorOption {
    @Option(names = "--actor", paramLabel = "NAME", description = "Who decides; kept. Default: this machine's user.")
    private String actor = System.getProperty("user.name", "");

    /** A decision that needs no reason of its own. */
    Decision decision(String usual, Instant now) {
        return new Decision(actor, usual, now);
    }

    Decision because(String reason, Instant now) {
        return new Decision(actor, reason, now);
    }
}
