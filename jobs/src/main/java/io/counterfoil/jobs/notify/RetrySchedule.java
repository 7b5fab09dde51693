package io.counterfoil.jobs.notify;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** When a delivery that failed is tried again (Standard Webhooks 1.0.0), up to a tenth later each: not all at once. */
final class RetrySchedule {
    private static final List<Duration> DELAYS = List.of(
            Duration.ofSeconds(5),
            Duration.ofMinutes(5),
            Duration.ofMinutes(30),
            Duration.ofHours(2),
            Duration.ofHours(5),
            Duration.ofHours(10),
            Duration.ofHours(14),
            Duration.ofHours(20),
            Duration.ofHours(24));
    private static final Duration LONGEST = Duration.ofHours(24);
    private static final double JITTER = 0.1;

    private final RandomGenerator random;

    RetrySchedule(RandomGenerator random) {
        this.random = random;
    }

    /**
     * How long to wait after an attempt, the first of which is 1; empty: that was the last one.
     *
     * @param asked by the receiver: never earlier than the schedule, never more than a day
     */
    Optional<Duration> after(int attempt, Optional<Duration> asked) {
        if (attempt > DELAYS.size()) {
            return Optional.empty();
        }
        Duration planned = DELAYS.get(attempt - 1);
        Duration jittered = planned.plusMillis((long) (planned.toMillis() * JITTER * random.nextDouble()));
        return Optional.of(asked.map(time -> time.compareTo(LONGEST) > 0 ? LONGEST : time)
                .filter(time -> time.compareTo(jittered) > 0)
                .orElse(jittered));
    }
}
