package io.counterfoil.schedules.schedule;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * One job of the schedule.
 *
 * @param timeout after which a run is ended
 * @param arguments of the job, behind its name
 * @param spark settings of Spark, by name
 */
public record ScheduledJob(
        String name,
        boolean enabled,
        Cadence cadence,
        Duration timeout,
        Overlap overlap,
        List<String> arguments,
        Map<String, String> spark) {
    public ScheduledJob {
        arguments = List.copyOf(arguments);
    }

    /**
     * What a start does while the job's lock is held.
     *
     * @param lock jobs of one lock never run at once on a machine
     * @param waits for as long as a run may take, or else skips this start
     */
    public record Overlap(String lock, boolean waits) {}
}
