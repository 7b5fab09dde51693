package io.counterfoil.jobs.rollup;

import io.counterfoil.jobs.archive.ArchiveJob;
import io.counterfoil.jobs.spark.LocalSpark;
import io.counterfoil.sql.rollup.Merge;
import io.counterfoil.sql.rollup.PlannedSegment;
import io.counterfoil.sql.rollup.RollupStore;
import io.counterfoil.sql.rollup.SegmentKey;
import io.counterfoil.sql.rollup.StagedAttempt;
import io.counterfoil.sql.rollup.StagedSegment;
import io.counterfoil.sql.rollup.StagingWriter;
import io.counterfoil.sql.testing.TestDatabase;
import org.apache.spark.sql.SparkSession;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** The parts of jobs/bench/rollup with a PostgreSQL of their own: {@code merge}, {@code history}, {@code hot}, {@code archive}. */
public final class RollupBenchDatabaseMain {
    private static final long DAY = Instant.parse("2026-10-31T00:00:00Z").getEpochSecond();
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-01T00:30:00Z"));
    private static final int ROWS = 1_000_000;

    private RollupBenchDatabaseMain() {}

    /** {@code merge}, {@code history FOLDER}, {@code hot SECONDS}, {@code archive LANDING FOLDER}. */
    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "merge" -> merge();
            case "history" -> history(Path.of(arguments[1]));
            case "hot" -> hot(Integer.parseInt(arguments[1]));
            case "archive" -> archive(Path.of(arguments[1]), Path.of(arguments[2]));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        System.exit(0);
    }

    private static void say(String line, Object... values) {
        System.out.println(String.format(Locale.ROOT, line, values));
    }

    private static double seconds(long beginNanos) {
        return (System.nanoTime() - beginNanos) / 1e9;
    }

    /** One batch of so many rows, staged and merged as the rollup does it; returns the merge's seconds. */
    private static double batch(TestDatabase database, int rows, int number, int hours) throws Exception {
        RollupStore store = new RollupStore(database.jdbi());
        LandedSegments.Built built = LandedSegments.build(
                LandedSegments.stream("edge-bench", 0),
                number,
                number,
                List.of(LandedSegments.facts(1)),
                DAY * 1_000_000,
                1);
        SegmentKey segment = SegmentCounter.key(built.seal().id());
        long batch = store.plan(
                List.of(new PlannedSegment(
                        segment,
                        new String(
                                io.counterfoil.accesslog.seal.SealJson.write(built.seal()),
                                java.nio.charset.StandardCharsets.UTF_8),
                        java.util.OptionalLong.empty())),
                CLOCK.instant());
        long[] sums = {1, 1, 0, 100, 50};
        StagedAttempt attempt = new StagingWriter(database.source())
                .write(
                        batch,
                        0,
                        1,
                        out -> {
                            for (int i = 0; i < rows; i++) {
                                out.row(DAY + i % hours * 3600L, 1 + i / hours, "items", "success", sums, 0);
                            }
                        },
                        List.of(new StagedSegment(segment, StagedSegment.Quarantine.NONE, rows, 0)),
                        List.of());
        long begin = System.nanoTime();
        new Merge(database.jdbi()).merge(batch, 1, List.of(attempt), CLOCK.instant(), CLOCK.instant());
        double taken = seconds(begin);
        store.clean(CLOCK.instant());
        return taken;
    }

    private static void merge() throws Exception {
        TestDatabase database = TestDatabase.fresh();
        double insert = batch(database, ROWS, 1, 24);
        double update = batch(database, ROWS, 2, 24);
        double again = batch(database, ROWS, 3, 24);
        say("merge: inserted %,.0f rows/s, updated %,.0f and %,.0f rows/s", ROWS / insert, ROWS / update, ROWS / again);
    }

    private static void hot(int seconds) throws Exception {
        TestDatabase database = TestDatabase.fresh();
        long first = 0;
        for (int i = 1; i <= seconds; i++) {
            long begin = System.nanoTime();
            batch(database, 10_000, i, 1);
            if (i == 10) {
                first = size(database);
            }
            Thread.sleep(Math.max(0, 1000 - (System.nanoTime() - begin) / 1_000_000));
        }
        String share = database.jdbi()
                .withHandle(handle -> handle.createQuery(
                                "select round(100.0 * sum(n_tup_hot_upd) / sum(n_tup_upd), 1) || ' % of '"
                                        + " || sum(n_tup_upd) from pg_stat_user_tables where relname like 'usage_hourly_%'")
                        .mapTo(String.class)
                        .one());
        say("hot: %s updates; table after 10 s %,d bytes, after %d s %,d bytes", share, first, seconds, size(database));
    }

    private static long size(TestDatabase database) {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("select sum(pg_total_relation_size(oid))::bigint from pg_class"
                                + " where relname like 'usage_hourly_%' and relkind = 'r'")
                        .mapTo(Long.class)
                        .one());
    }

    private static void history(Path folder) throws Exception {
        try (LocalSpark local = LocalSpark.start(Files.createTempDirectory("bench-spark"))) {
            SparkSession spark = local.session();
            List<Double> onEmpty = new ArrayList<>();
            List<Double> behind = new ArrayList<>();
            List<Double> sameHours = new ArrayList<>();
            warmUp(spark, folder.resolve("warm"));
            for (int round = 0; round < 3; round++) {
                onEmpty.add(millionAfter(spark, folder.resolve("empty-" + round), 0, 0));
                behind.add(millionAfter(spark, folder.resolve("behind-" + round), 100, DAY - 86_400));
                sameHours.add(millionAfter(spark, folder.resolve("same-" + round), 100, DAY));
            }
            say(
                    "history: 1 M records on an empty database %s s, after 100 batches of the day before %s s, of the same day %s s",
                    onEmpty, behind, sameHours);
        }
    }

    private static void warmUp(SparkSession spark, Path folder) throws Exception {
        for (int i = 0; i < 3; i++) {
            millionAfter(spark, folder.resolve("" + i), 0, 0);
        }
    }

    private static double millionAfter(SparkSession spark, Path folder, int batches, long day) throws Exception {
        TestDatabase database = TestDatabase.fresh();
        RollupJob job = new RollupJob(spark, folder.toString(), database.jdbcUrl(), CLOCK);
        BenchSegments segments = new BenchSegments(7);
        for (int i = 0; i < batches; i++) {
            segments.publish(folder, "edge-bench", BenchSegments.STREAMS, 1000, day * 1_000_000, i + 1);
            job.run();
        }
        new BenchSegments(8).publish(folder, "edge-million", 10, 100_000, DAY * 1_000_000, 1);
        long begin = System.nanoTime();
        RollupResult result = job.run();
        double taken = seconds(begin);
        if (result.records() != 1_000_000) {
            throw new IllegalStateException("counted " + result);
        }
        List<Double> empty = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            begin = System.nanoTime();
            job.run();
            empty.add(seconds(begin));
        }
        Collections.sort(empty);
        say(
                "  after %d batches of %s: 1 M records %.2f s; an empty run %.3f s",
                batches, Instant.ofEpochSecond(day), taken, empty.get(10));
        return Math.round(taken * 100) / 100.0;
    }

    private static void archive(Path landing, Path folder) throws Exception {
        TestDatabase database = TestDatabase.fresh();
        try (LocalSpark local = LocalSpark.start(Files.createTempDirectory("bench-spark"))) {
            new RollupJob(local.session(), landing.toString(), database.jdbcUrl(), CLOCK).run();
            long begin = System.nanoTime();
            long records = new ArchiveJob(
                            local.session(),
                            landing.toString(),
                            folder.resolve("archive").toString(),
                            database.jdbcUrl(),
                            CLOCK)
                    .run(soFar -> {})
                    .records();
            double taken = seconds(begin);
            double duckdb = duckdb(landing, folder.resolve("duckdb.parquet"));
            say(
                    "archive: %,d records in %.1f s, verified; DuckDB's COPY, not sorted, not verified, %.1f s",
                    records, taken, duckdb);
        }
    }

    private static double duckdb(Path landing, Path file) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("set threads = 2");
            long begin = System.nanoTime();
            statement.execute("copy (from " + RollupBenchMain.lines(landing) + ") to '" + file
                    + "' (format parquet, compression zstd)");
            return seconds(begin);
        }
    }
}
