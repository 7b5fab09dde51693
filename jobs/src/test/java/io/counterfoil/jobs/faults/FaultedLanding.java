package io.counterfoil.jobs.faults;

import io.counterfoil.accesslog.landing.LandingLayout;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.jobs.rollup.LandedSegments;
import io.counterfoil.jobs.rollup.RollupJob;
import io.counterfoil.jobs.rollup.RollupResult;
import io.counterfoil.jobs.rollup.SparkForTests;
import io.counterfoil.sql.testing.TestDatabase;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;

/** A landing of seeded segments and the database it is counted into; what must be counted is told by the {@link LineOracle}. */
final class FaultedLanding {
    /** Records go on into the next month. */
    static final Instant START = Instant.parse("2024-02-29T21:30:00Z");

    private static final int EDGES = 3;
    private static final int RECORDS = 200;
    private static final int POLLS = 3000;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final Path folder;
    private final TestDatabase database;
    private final LandedSegments segments;
    private int landed;

    FaultedLanding(Path folder, TestDatabase database) {
        this.folder = folder;
        this.database = database;
        this.segments = new LandedSegments(folder, seed, START.getEpochSecond());
    }

    /** For what an assertion is about. */
    String seed() {
        return "seed " + seed;
    }

    /** What a test chooses by the same seed. */
    Random random() {
        return random;
    }

    Path folder() {
        return folder;
    }

    TestDatabase database() {
        return database;
    }

    LandedSegments segments() {
        return segments;
    }

    /** One more segment of each edge. */
    void land() throws Exception {
        for (int edge = 0; edge < EDGES; edge++) {
            segments.publish(segments.random(stream(edge), landed + 1, (long) landed * RECORDS + 1, RECORDS));
        }
        landed++;
    }

    /** A segment of an edge of its own. */
    void land(String edge, List<RequestFacts> facts, Instant first) throws Exception {
        segments.publish(LandedSegments.build(
                LandedSegments.stream(edge, 0), 1, 1, facts, first.toEpochMilli() * 1000, 1_000_000));
    }

    static StreamId stream(int edge) {
        return LandedSegments.stream("edge-" + edge, edge);
    }

    /** Of all that {@link #land()} landed. */
    long records() {
        return (long) landed * EDGES * RECORDS;
    }

    /** By a driver in this process. */
    RollupResult rollup(String databaseUrl) {
        return new RollupJob(SparkForTests.session(), folder.toString(), databaseUrl, Clock.systemUTC()).run();
    }

    RollupResult rollup() {
        return rollup(database.jdbcUrl());
    }

    /** A rollup counts what may be left, another one finds nothing and changes nothing, and usage is what the lines add up to. */
    void assertCountedOnce() throws Exception {
        assertCountedOnce(data());
    }

    /** As {@link #assertCountedOnce()}, where only these files are to be counted. */
    void assertCountedOnce(List<Path> good) throws Exception {
        rollup();
        List<String> before = rows();
        RollupResult last = rollup();
        SortedMap<String, List<Long>> lines = LineOracle.usage(good);

        assertThat(lines).isNotEmpty();
        assertThat(database.usage()).as(seed()).isEqualTo(lines);
        assertThat(last.segments()).as(seed()).isZero();
        assertThat(rows()).as(seed()).isEqualTo(before);
        assertThat(database.stagedRows()).as(seed() + ": staged rows").isZero();
    }

    Path object(SegmentId segment, String suffix) {
        return folder.resolve(LandingLayout.object(segment, suffix));
    }

    /** Every segment's file. */
    List<Path> data() throws Exception {
        try (Stream<Path> files = Files.walk(folder.resolve("segments"))) {
            return files.filter(file -> file.toString().endsWith(".csv.zst")).toList();
        }
    }

    /** Usage as it lies in the tables: a row that was written again, even with the same numbers, is another. */
    private List<String> rows() {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("select tableoid || ' ' || ctid || ' ' || xmin || ' ' || u"
                                + " from usage_hourly u order by 1")
                        .mapTo(String.class)
                        .list());
    }

    /** Until a session of the database waits for another's transaction. */
    void awaitBlocked() throws InterruptedException {
        await("select exists (select from pg_stat_activity where datname = current_database()"
                + " and wait_event_type = 'Lock')");
    }

    /** Until the statement says true. */
    void await(String sql) throws InterruptedException {
        for (int poll = 0; poll < POLLS; poll++) {
            if (database.jdbi()
                    .withHandle(handle ->
                            handle.createQuery(sql).mapTo(Boolean.class).one())) {
                return;
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
        throw new AssertionError(seed() + ": never true: " + sql);
    }
}
