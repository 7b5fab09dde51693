package io.counterfoil.schedules.schedule;

import java.time.Duration;
import java.util.List;

/**
 * What runs when.
 *
 * @param jobs in the file's order
 * @param rollupPause of the single-machine runner, between the end of one rollup and the start of the next
 */
public record Schedule(Deployment deployment, List<ScheduledJob> jobs, Duration rollupPause) {
    public Schedule {
        jobs = List.copyOf(jobs);
    }

    /** The jobs that are to run. */
    public List<ScheduledJob> enabled() {
        return jobs.stream().filter(ScheduledJob::enabled).toList();
    }
}
