package io.counterfoil.jobs.rollup;

import io.counterfoil.jobs.landing.BoundLanding;
import io.counterfoil.jobs.landing.LandingPlace;
import io.counterfoil.jobs.spark.TaskFailures;
import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.SubscriptionStore;
import io.counterfoil.sql.hours.CoverageStore;
import io.counterfoil.sql.rollup.Merge;
import io.counterfoil.sql.rollup.MergeResult;
import io.counterfoil.sql.rollup.RollupStore;
import io.counterfoil.sql.rollup.SegmentKey;
import io.counterfoil.sql.rollup.StagedAttempt;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.jdbi.v3.core.Jdbi;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Counts what the ledger has not seen, exactly once: freezes a plan, lets executors verify, sum and stage, and merges in one
 * transaction. May be killed, run twice or run by two drivers at once at any point. Puts subscriptions whose hour has come in effect
 * first, so that limits follow within a pass.
 */
public final class RollupJob {
    private static final int PLANS = 10;

    private final JavaSparkContext spark;
    private final LandingPlace landing;
    private final String databaseUrl;
    private final InstantSource clock;
    private final Jdbi jdbi;
    private final RollupStore store;
    private final Merge merge;
    private final CoverageStore coverage;
    private final SubscriptionStore subscriptions;

    /**
     * @param landing a path that Hadoop knows
     * @throws OperatorException category INPUT where the landing belongs to another database
     */
    public RollupJob(SparkSession spark, String landing, String databaseUrl, InstantSource clock) {
        this.spark = JavaSparkContext.fromSparkContext(spark.sparkContext());
        this.landing = LandingPlace.of(landing, spark);
        this.databaseUrl = databaseUrl;
        this.clock = clock;
        this.jdbi = DatabaseAccess.jdbi(DatabaseAccess.dataSource(databaseUrl));
        BoundLanding.check("landing", landing, this.landing::bind, jdbi);
        this.store = new RollupStore(jdbi);
        this.merge = new Merge(jdbi);
        this.coverage = new CoverageStore(jdbi);
        this.subscriptions = new SubscriptionStore(jdbi);
    }

    /**
     * Runs batches until nothing is left.
     *
     * @param progress told after each batch what all of them counted so far
     *
     * @throws OperatorException category DOWN where the landing or the database cannot be reached
     */
    public RollupResult run(Consumer<RollupResult> progress) {
        RollupResult all = RollupResult.NOTHING;
        while (true) {
            RollupResult batch = runBatch();
            all = all.plus(batch);
            if (batch.batches() == 0) {
                return all;
            }
            progress.accept(all);
        }
    }

    /** As {@link #run(Consumer)}, without a word. */
    public RollupResult run() {
        return run(soFar -> {});
    }

    /**
     * What waits to be counted, oldest stream first; of a stream at most {@value RollupPlan#MAX_SEGMENTS} segments are looked at.
     * Changes nothing.
     */
    public List<WaitingStream> waiting() {
        RollupPlan plan = plan(Long.MAX_VALUE);
        return WaitingStream.of(plan.seals(), plan.unreadable());
    }

    /** Counts at most one batch; {@code batches} is 0 where there was nothing to count, and only then are there alarms. */
    public RollupResult runBatch() {
        Set<SegmentKey> overlapping = new HashSet<>();
        Optional<RollupPlan> again = Optional.empty();
        for (int attempt = 1; attempt <= PLANS; attempt++) {
            RollupPlan plan;
            if (again.isPresent()) {
                plan = again.get();
            } else {
                Found found = find();
                plan = found.plan();
                if (plan.seals().isEmpty()) {
                    return new RollupResult(0, 0, 0, 0, List.of(), plan.unreadable(), List.of(), found.alarms());
                }
            }
            Instant now = clock.instant();
            long batch = store.plan(plan.segments(), now);
            long latestMicros = now.plus(Duration.ofDays(1)).toEpochMilli() * 1000;
            List<StagedAttempt> attempts = stage(plan, batch, latestMicros, Set.copyOf(overlapping));
            MergeResult merged = merge.merge(batch, plan.seals().size(), attempts, clock.instant(), asOf(plan, now));
            if (merged.committed()) {
                return result(plan, batch, attempts, merged);
            }
            overlapping.addAll(merged.overlapping());
            // The same segments, less these: what came meanwhile may hold the next ones.
            again = merged.overlapping().isEmpty() ? Optional.empty() : Optional.of(plan);
        }
        throw OperatorException.down(
                "rollup gave up after " + PLANS + " plans: another rollup counts the same segments; nothing is lost",
                null);
    }

    private List<StagedAttempt> stage(RollupPlan plan, long batch, long latestMicros, Set<SegmentKey> overlapping) {
        try {
            return new StagingTasks(landing, databaseUrl, batch, latestMicros, overlapping).run(spark, plan);
        } catch (Exception e) {
            throw TaskFailures.told("rollup's tasks could not read the landing or stage their sums", e);
        }
    }

    /** What is to be counted; where that is nothing, what holds edges' logs up. */
    private record Found(RollupPlan plan, List<CoverageStore.Alarm> alarms) {}

    /** By one connection: making one takes longer than all that is asked. */
    private Found find() {
        return jdbi.withHandle(shared -> {
            store.clean(clock.instant());
            // Before what is counted: it counts towards the plans that are in force now.
            subscriptions.takeEffect(clock.instant());
            RollupPlan plan = plan(RollupPlan.MAX_BYTES);
            return new Found(plan, plan.seals().isEmpty() ? coverage.alarms(clock.instant()) : List.of());
        });
    }

    private RollupPlan plan(long maxBytes) {
        try {
            return RollupPlan.find(landing.open(), store, maxBytes);
        } catch (IOException e) {
            throw OperatorException.down("landing " + landing + " cannot be listed: " + e.getMessage(), e);
        }
    }

    /** Up to when usage is known once the batch is in: the newest record's time, never ahead of the clock. */
    private static Instant asOf(RollupPlan plan, Instant now) {
        long micros = plan.seals().stream()
                .mapToLong(seal -> Math.max(seal.throughMicros(), seal.records().lastMicros()))
                .max()
                .orElse(0);
        Instant newest = Instant.EPOCH.plusMillis(micros / 1000);
        return newest.isBefore(now) ? newest : now;
    }

    private RollupResult result(RollupPlan plan, long batch, List<StagedAttempt> attempts, MergeResult merged) {
        List<String> quarantined = store.quarantined(batch);
        return new RollupResult(
                1,
                plan.seals().size(),
                attempts.stream().mapToLong(StagedAttempt::requests).sum(),
                attempts.stream().mapToLong(StagedAttempt::rejectRows).sum(),
                quarantined,
                plan.unreadable(),
                merged.flags(),
                List.of());
    }
}
