package io.counterfoil.jobs.overshoot;

import io.counterfoil.accesslog.segment.CorruptSegmentException;
import io.counterfoil.jobs.spark.TaskFailures;
import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.overshoot.OvershootStore;
import io.counterfoil.sql.overshoot.OvershootStore.Crossing;
import io.counterfoil.sql.overshoot.OvershootStore.Told;
import org.apache.spark.sql.SparkSession;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tells, from the log itself, how many requests passed after each limit was used up: usage says in which hour that was, the hour's
 * records say with which of them, and what the edges admitted after it and before they first refused or warned. Told once a crossing.
 */
public final class OvershootJob {
    /** So much later than its flag: by then every edge that is reached holds it. */
    private static final Duration HELD_BY = Duration.ofMinutes(10);
    /** How long late records are waited for. */
    private static final Duration SETTLED = Duration.ofMinutes(15);
    /** Flags are forgotten two days after their window: runs must come more often. */
    private static final int AT_MOST = 100_000;

    private static final String DAMAGED = "the hour's log is damaged: ";
    private static final Duration KEEP = Duration.ofDays(90);

    private final SparkSession spark;
    private final String landing;
    private final InstantSource clock;
    private final OvershootStore store;

    public OvershootJob(SparkSession spark, String landing, String databaseUrl, InstantSource clock) {
        this.spark = spark;
        this.landing = landing;
        this.clock = clock;
        this.store = new OvershootStore(DatabaseAccess.jdbi(DatabaseAccess.dataSource(databaseUrl)));
    }

    /** As {@link #run(Duration)}, of hours that ended a quarter of an hour ago or earlier. */
    public OvershootResult run() {
        return run(SETTLED);
    }

    /** Also of the running hour: records may still come, and then it is told that it cannot be told. */
    public OvershootResult runAtOnce() {
        return run(Duration.ofDays(-1));
    }

    /**
     * Runs until nothing is left to tell.
     *
     * @param settled how long ago a limit's hour, and the time in which edges come to hold its flag, must have ended
     * @throws OperatorException category DOWN where the landing or the database cannot be reached
     */
    public OvershootResult run(Duration settled) {
        store.forget(clock.instant().minus(KEEP));
        OvershootResult all = new OvershootResult(0, 0, 0, 0);
        while (true) {
            List<Crossing> found = store.crossings(clock.instant().minus(settled), AT_MOST);
            if (found.isEmpty()) {
                return all;
            }
            List<Told> untold = new ArrayList<>();
            Map<Instant, List<Crossing>> byHour = new LinkedHashMap<>();
            for (Crossing crossing : found) {
                if (!crossing.counted()) {
                    untold.add(Crossings.untold(
                            crossing, "its quota, plan or keys were changed: usage alone did not use it up"));
                } else if (crossing.hour().isPresent()) {
                    byHour.computeIfAbsent(crossing.hour().get(), hour -> new ArrayList<>())
                            .add(crossing);
                } else {
                    untold.add(Crossings.untold(
                            crossing, "what is counted now does not use the quota up: its keys or limits changed"));
                }
            }
            all = all.plus(save(untold));
            for (Map.Entry<Instant, List<Crossing>> hour : byHour.entrySet()) {
                all = all.plus(save(tell(hour.getKey(), hour.getValue())));
            }
        }
    }

    private OvershootResult save(List<Told> told) {
        store.save(told, clock.instant());
        long untold = told.stream().filter(each -> each.record().isEmpty()).count();
        long passed = told.stream()
                .flatMap(each -> each.passed().stream())
                .mapToLong(OvershootStore.Passed::requests)
                .sum();
        long damaged =
                told.stream().filter(each -> each.fault().startsWith(DAMAGED)).count();
        return new OvershootResult(told.size() - untold, untold, damaged, passed);
    }

    private List<Told> tell(Instant hour, List<Crossing> crossings) {
        Instant until = crossings.stream()
                .map(OvershootJob::until)
                .max(Instant::compareTo)
                .orElseThrow();
        List<String> segments = store.segments(hour, until);
        try {
            return new Crossings(spark, landing, segments).tell(crossings, OvershootJob::until);
        } catch (Exception e) {
            Optional<CorruptSegmentException> corrupt = corrupt(e);
            if (corrupt.isPresent()) {
                // One bad segment holds up no other hour.
                return crossings.stream()
                        .map(each ->
                                Crossings.untold(each, DAMAGED + corrupt.get().getMessage()))
                        .toList();
            }
            throw TaskFailures.told("log in " + landing + " could not be read", e);
        }
    }

    private static Optional<CorruptSegmentException> corrupt(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CorruptSegmentException corrupt) {
                return Optional.of(corrupt);
            }
        }
        return Optional.empty();
    }

    /** Up to when records are looked at: all of the crossing's hour, and until every edge should hold the flag. */
    private static Instant until(Crossing crossing) {
        Instant hourEnd = crossing.hour().orElseThrow().plus(Duration.ofHours(1));
        Instant held = crossing.raisedAt().plus(HELD_BY);
        Instant later = held.isAfter(hourEnd) ? held : hourEnd;
        return later.isAfter(crossing.resetsAt()) ? crossing.resetsAt() : later;
    }
}
