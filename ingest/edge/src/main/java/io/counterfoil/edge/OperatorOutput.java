package io.counterfoil.edge;

import java.io.PrintStream;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;

/** Lines for the operator: UTC time, then the text; one a state change. Thread-safe. */
final class OperatorOutput implements Consumer<String> {
    private final PrintStream out;
    private final InstantSource clock;

    OperatorOutput(PrintStream out, InstantSource clock) {
        this.out = out;
        this.clock = clock;
    }

    @Override
    public void accept(String line) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        out.println(now + " " + line);
        out.flush();
    }
}
