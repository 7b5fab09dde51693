package io.counterfoil.jobs.rollup;

import io.counterfoil.jobs.landing.LandingPlace;
import io.counterfoil.sql.rollup.Merge;
import io.counterfoil.sql.rollup.RollupStore;
import io.counterfoil.sql.rollup.StagedAttempt;
import io.counterfoil.sql.testing.TestDatabase;
import org.apache.spark.api.java.JavaSparkContext;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** All of a rollup up to its merge, where a driver may die or freeze. */
public record StagedBatch(TestDatabase database, Instant now, long batch, int planned, List<StagedAttempt> attempts) {
    public static StagedBatch of(LandedSegments segments, TestDatabase database, Instant now) throws IOException {
        RollupStore store = new RollupStore(database.jdbi());
        RollupPlan plan = RollupPlan.find(segments.landing(), store, RollupPlan.MAX_BYTES);
        long batch = store.plan(plan.segments(), now);
        StagingTasks tasks = new StagingTasks(
                LandingPlace.of(segments.folder().toString(), SparkForTests.session()),
                database.jdbcUrl(),
                batch,
                now.plus(Duration.ofDays(1)).toEpochMilli() * 1000,
                Set.of());
        JavaSparkContext spark =
                JavaSparkContext.fromSparkContext(SparkForTests.session().sparkContext());
        return new StagedBatch(database, now, batch, plan.seals().size(), tasks.run(spark, plan));
    }

    /** The driver goes on; whether its batch is committed. */
    public boolean merge() {
        return new Merge(database.jdbi())
                .merge(batch, planned, attempts, now, now)
                .committed();
    }
}
