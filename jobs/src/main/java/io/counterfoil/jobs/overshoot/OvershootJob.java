package io.counterfoil.jobs.overshoot;

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

/**
 * Tells, from the log itself, how many requests passed after each limit was used up: usage says in which hour that was, the hour's
 * records say with which of them, and what the edges admitted after it and before they first refused or warned. Told once a crossing.
 */
public final class OvershootJob {
    /** So much later than its flag: by then every edge that is reached holds it. */
    private static final Duration HELD_BY = Duration.ofMinutes(10);
    /** How long a late record of the crossing's hour is waited for. */
    private static final Duration SETTLED = Duration.ofMinutes(15);
    /** Flags are forgotten two days after their window: runs must come more often. */
    private static final int AT_MOST = 100_000;

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

    /** As {@link #run(Duration)}, of flags raised a quarter of an hour ago or earlier. */
    public OvershootResult run() {
        return run(SETTLED);
    }

    /**
     * Runs until nothing is left to tell.
     *
     * @param settled how long ago a flag must have been raised
     * @throws OperatorException category DOWN where the landing or the database cannot be reached, CORRUPT where a segment is not what
     *     was sealed
     */
    public OvershootResult run(Duration settled) {
        store.forget(clock.instant().minus(KEEP));
        OvershootResult all = new OvershootResult(0, 0, 0);
        while (true) {
            List<Crossing> found = store.crossings(clock.instant().minus(settled), AT_MOST);
            if (found.isEmpty()) {
                return all;
            }
            List<Told> untold = new ArrayList<>();
            Map<Instant, List<Crossing>> byHour = new LinkedHashMap<>();
            for (Crossing crossing : found) {
                if (crossing.hour().isPresent()) {
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
        return new OvershootResult(told.size() - untold, untold, passed);
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
            throw TaskFailures.told("log in " + landing + " could not be read", e);
        }
    }

    /** Up to when records are looked at: all of the crossing's hour, and until every edge should hold the flag. */
    private static Instant until(Crossing crossing) {
        Instant hourEnd = crossing.hour().orElseThrow().plus(Duration.ofHours(1));
        Instant held = crossing.raisedAt().plus(HELD_BY);
        Instant later = held.isAfter(hourEnd) ? held : hourEnd;
        return later.isAfter(crossing.resetsAt()) ? crossing.resetsAt() : later;
    }
}
