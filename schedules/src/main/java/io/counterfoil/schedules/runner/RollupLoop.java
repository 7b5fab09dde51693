package io.counterfoil.schedules.runner;

import io.counterfoil.jobs.rollup.RollupResult;
import io.counterfoil.sql.hours.CoverageStore;
import io.counterfoil.sql.rollup.MergeResult;

import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Rolls up again and again in a warm session, a pause after the last one ended, until it is stopped. An {@link Error} ends it:
 * what it leaves is not to be counted with. It is told, and whoever runs the loop asks for it by {@link #requireCounting}.
 */
public final class RollupLoop implements AutoCloseable {
    private static final long SUMMARY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Consumer<String> lines;
    private final PassLoop loop;
    private final Set<String> told = new HashSet<>();
    private final Set<String> alarmed = new LinkedHashSet<>();
    private long counted;
    private long rejected;
    private long summaryNanos = System.nanoTime();

    /**
     * @param job one rollup
     * @param lines one line a change: flags, trouble, alarms, and at most every ten seconds what was counted
     * @param pause between the end of one rollup and the start of the next
     */
    public RollupLoop(Supplier<RollupResult> job, Consumer<String> lines, Duration pause) {
        this.lines = lines;
        this.loop = new PassLoop("rollup", "count", () -> tell(job.get()), lines, pause);
    }

    public void start() {
        loop.start();
    }

    /** @throws IllegalStateException where the loop broke and usage is not counted any more */
    public void requireCounting() {
        loop.broken().ifPresent(broken -> {
            throw new IllegalStateException(
                    "rollup broke: " + broken + "; nothing is lost, what was not counted is once it runs again",
                    broken);
        });
    }

    private void tell(RollupResult result) {
        counted += result.records();
        rejected += result.rejects();
        for (MergeResult.Flag flag : result.flags()) {
            // A raised flag is told once; that its usage goes on growing is no news.
            if (told.add(flag.label() + flag.limitText() + flag.resetsAt())) {
                lines.accept("key " + flag.label() + " is over " + flag.limitText() + " (" + flag.used() + " used): "
                        + flag.action() + " until " + flag.resetsAt());
            }
        }
        for (String reason : result.quarantined()) {
            lines.accept("quarantined " + reason);
        }
        for (String reason : result.unreadable()) {
            if (told.add(reason)) {
                lines.accept("cannot be read: " + reason);
            }
        }
        tellAlarms(result.alarms());
        if (counted > 0 && System.nanoTime() - summaryNanos >= SUMMARY_NANOS) {
            summary();
        }
    }

    /** What began and what ended since the last pass. */
    private void tellAlarms(List<CoverageStore.Alarm> alarms) {
        Set<String> standing = new HashSet<>();
        for (CoverageStore.Alarm alarm : alarms) {
            standing.add(alarm.what());
            if (alarmed.add(alarm.what())) {
                lines.accept("ALARM " + alarm.alarm());
            }
        }
        for (String ended : List.copyOf(alarmed)) {
            if (!standing.contains(ended)) {
                alarmed.remove(ended);
                lines.accept("no more: " + ended);
            }
        }
    }

    private void summary() {
        lines.accept(
                String.format("counted %,d requests", counted) + (rejected > 0 ? ", " + rejected + " rejects" : ""));
        counted = 0;
        rejected = 0;
        summaryNanos = System.nanoTime();
    }

    /** Stops the loop and counts once more, so that what the edge shipped last is in; not where the loop broke. */
    @Override
    public void close() {
        if (!loop.join() || loop.broken().isPresent()) {
            return;
        }
        loop.once();
        if (counted > 0) {
            summary();
        }
    }
}
