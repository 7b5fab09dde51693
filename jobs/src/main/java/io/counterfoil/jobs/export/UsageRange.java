package io.counterfoil.jobs.export;

import io.counterfoil.sql.OperatorException;

import java.time.Instant;

/** Hours of usage, the last exclusive. */
public record UsageRange(Instant from, Instant to) {
    /** @throws OperatorException category INPUT where it ends before it begins */
    public UsageRange {
        if (to.isBefore(from)) {
            throw OperatorException.input(
                    "--to is " + to + ", which is before --from " + from + ", expected the hour behind the last");
        }
    }
}
