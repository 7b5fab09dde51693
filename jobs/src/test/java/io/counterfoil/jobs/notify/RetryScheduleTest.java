package io.counterfoil.jobs.notify;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;

final class RetryScheduleTest {
    /** As FACTS of the specification have it, in seconds. */
    private static final List<Long> SECONDS =
            List.of(5L, 300L, 1800L, 7200L, 18_000L, 36_000L, 50_400L, 72_000L, 86_400L);

    private final long seed = System.nanoTime();
    private final RetrySchedule schedule = new RetrySchedule(new Random(seed));

    @Test
    void nineRetriesEachUpToATenthLater() {
        for (int attempt = 1; attempt <= SECONDS.size(); attempt++) {
            Duration planned = Duration.ofSeconds(SECONDS.get(attempt - 1));
            assertThat(schedule.after(attempt, Optional.empty()).orElseThrow())
                    .as("attempt %d, seed %d", attempt, seed)
                    .isBetween(planned, planned.plus(planned.dividedBy(10)));
        }
        assertThat(schedule.after(10, Optional.of(Duration.ofHours(1)))).isEmpty();
    }

    @Test
    void whatAReceiverAsksForIsNeverEarlierThanTheScheduleNorMoreThanADay() {
        assertThat(schedule.after(1, Optional.of(Duration.ofMinutes(3)))).contains(Duration.ofMinutes(3));
        assertThat(schedule.after(2, Optional.of(Duration.ofSeconds(1))).orElseThrow())
                .as("seed %d", seed)
                .isGreaterThanOrEqualTo(Duration.ofMinutes(5));
        assertThat(schedule.after(1, Optional.of(Duration.ofDays(900)))).contains(Duration.ofHours(24));
    }
}
