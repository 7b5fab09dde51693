package io.counterfoil.jobs.plans;

import java.time.Duration;
import java.time.Instant;

/**
 * A billing period, or a part of one, in whole hours.
 *
 * @param from inclusive, on the hour
 * @param to exclusive, on the hour
 */
public record Period(Instant from, Instant to) {
    public Period {
        if (!from.isBefore(to) || from.getEpochSecond() % 3600 != 0 || to.getEpochSecond() % 3600 != 0) {
            throw new IllegalArgumentException(
                    "a period is from " + from + " to " + to + ", expected whole hours, one or more");
        }
    }

    public long hours() {
        return Duration.between(from, to).toHours();
    }
}
