package io.counterfoil.jobs.rollup;

import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.SealJson;
import io.counterfoil.sql.archive.RetentionStore;
import io.counterfoil.sql.rollup.Merge;
import io.counterfoil.sql.rollup.MergeResult;
import io.counterfoil.sql.rollup.PlannedSegment;
import io.counterfoil.sql.rollup.RollupStore;
import io.counterfoil.sql.rollup.SegmentKey;
import io.counterfoil.sql.rollup.StagedAttempt;
import io.counterfoil.sql.rollup.StagedSegment;
import io.counterfoil.sql.rollup.StagingWriter;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The commit protocol under random schedules, by seed, against a real Postgres: several drivers plan, stage with attempts that are
 * retried and zombies that write late, clean up, merge at once or twice, and die between any two steps, while retention folds the
 * ledger. What must be counted is known from how the segments were made.
 */
final class ProtocolSimulationTest {
    private static final int SCHEDULES = 25;
    private static final int STEPS = 40;
    private static final int PARTS = 2;
    private static final int KEYS = 4;
    private static final Instant NOW = Instant.parse("2026-11-01T12:30:00Z");
    private static final long FIRST_HOUR = NOW.getEpochSecond() / 3600 - 5;

    private final TestDatabase database = TestDatabase.fresh();
    private final Jdbi jdbi = database.jdbi();
    private final RollupStore store = new RollupStore(jdbi);
    private final Merge merge = new Merge(jdbi);
    private final StagingWriter writer = new StagingWriter(database.source());
    private final AtomicLong folded = new AtomicLong();
    private final RetentionStore retention = new RetentionStore(jdbi);
    private final ExecutorService threads = Executors.newFixedThreadPool(3);

    /**
     * A segment.
     *
     * @param usage requests by "hour key"
     */
    private record Segment(SegmentKey key, Seal seal, SortedMap<String, Long> usage, long records) {}

    /** A driver between planning and merging. */
    private record Driver(long batch, List<Segment> plan, List<StagedAttempt> accepted) {}

    /** One random schedule and what it has landed. */
    private final class Schedule {
        private final int number;
        private final Random random;
        private final List<Segment> waiting = new ArrayList<>();
        private final List<Segment> landed = new ArrayList<>();
        private final List<Driver> drivers = new ArrayList<>();
        /** Attempts that were overtaken and write when nobody expects it. */
        private final Deque<Runnable> zombies = new ArrayDeque<>();

        private long attempts;

        Schedule(int number, long seed) {
            this.number = number;
            this.random = new Random(seed);
            for (int stream = 0; stream < 2; stream++) {
                StreamId id = LandedSegments.stream("sim-" + number, stream);
                long seq = 1;
                Optional<String> previous = Optional.empty();
                for (int segment = 1; segment <= 4; segment++) {
                    int records = random.nextInt(30);
                    Segment made = segment(id, segment, seq, records, previous);
                    waiting.add(made);
                    previous = Optional.of(made.seal().sha256());
                    seq += records;
                }
            }
        }

        private Segment segment(StreamId stream, int segment, long firstSeq, int records, Optional<String> previous) {
            long hour = FIRST_HOUR + random.nextInt(3);
            SortedMap<String, Long> usage = new TreeMap<>();
            List<RequestFacts> facts = new ArrayList<>();
            for (int i = 0; i < records; i++) {
                long key = (long) number * KEYS + random.nextInt(KEYS) + 1;
                facts.add(LandedSegments.facts(key));
                usage.merge(hour + " " + key, 1L, Long::sum);
            }
            LandedSegments.Built built =
                    LandedSegments.build(stream, segment, firstSeq, facts, hour * 3_600_000_000L, 1);
            Seal seal = previous.map(sha256 -> EdgeLog.chainedTo(built.seal(), sha256))
                    .orElse(built.seal());
            return new Segment(SegmentCounter.key(seal.id()), seal, usage, records);
        }

        void step() throws Exception {
            switch (random.nextInt(11)) {
                case 0, 1 -> land();
                case 2, 3 -> plan();
                case 4, 5 -> stage();
                case 6 -> mergeOne();
                case 7 -> mergeTwoAtOnce();
                case 8 -> {
                    if (random.nextBoolean() && !drivers.isEmpty()) {
                        drivers.remove(random.nextInt(drivers.size()));
                    }
                    store.clean(NOW);
                }
                case 9 -> fold(1 + random.nextInt(4));
                default -> {
                    if (!zombies.isEmpty()) {
                        zombies.remove().run();
                    }
                }
            }
        }

        private void land() {
            if (!waiting.isEmpty()) {
                landed.add(waiting.remove(random.nextInt(waiting.size())));
            }
        }

        private List<Segment> unseen() {
            Map<SegmentKey, RollupStore.Mark> marks = store.marks();
            List<Segment> unseen = new ArrayList<>();
            for (Segment segment : landed) {
                SegmentKey key = segment.key();
                SegmentKey stream = new SegmentKey(key.edge(), key.epoch(), key.stream(), 0);
                long mark = marks.getOrDefault(stream, RollupStore.Mark.NONE).number();
                if (key.number() > mark && !store.numbersAfter(stream, mark).contains(key.number())) {
                    unseen.add(segment);
                }
            }
            return unseen;
        }

        /** As the rollup does it: past the marks, without what the ledger has behind them. */
        private boolean plan() {
            List<Segment> unseen = jdbi.withHandle(shared -> unseen());
            if (unseen.isEmpty()) {
                return false;
            }
            List<Segment> plan = unseen.subList(0, 1 + random.nextInt(unseen.size()));
            long batch = store.plan(
                    plan.stream()
                            .map(segment -> new PlannedSegment(
                                    segment.key(),
                                    new String(SealJson.write(segment.seal()), StandardCharsets.UTF_8),
                                    OptionalLong.empty()))
                            .toList(),
                    NOW);
            drivers.add(new Driver(batch, List.copyOf(plan), new ArrayList<>()));
            return true;
        }

        private void stage() {
            for (Driver driver : drivers) {
                if (driver.accepted().size() < PARTS) {
                    int part = driver.accepted().size();
                    // Some attempts write and are not accepted, some write only when another was.
                    if (random.nextInt(3) == 0) {
                        write(driver, part);
                    }
                    if (random.nextInt(3) == 0) {
                        zombies.add(() -> write(driver, part));
                    }
                    driver.accepted().add(write(driver, part));
                    return;
                }
            }
        }

        private StagedAttempt write(Driver driver, int part) {
            SortedMap<String, Long> sums = new TreeMap<>();
            driver.plan()
                    .forEach(segment -> segment.usage().forEach((name, count) -> {
                        if (Math.floorMod(name.hashCode(), PARTS) == part) {
                            sums.merge(name, count, Long::sum);
                        }
                    }));
            List<StagedSegment> verdicts = part > 0
                    ? List.of()
                    : driver.plan().stream()
                            .map(segment -> new StagedSegment(
                                    segment.key(), StagedSegment.Quarantine.NONE, segment.records(), 0))
                            .toList();
            try {
                return writer.write(
                        driver.batch(),
                        part,
                        ++attempts,
                        out -> {
                            for (Map.Entry<String, Long> sum : sums.entrySet()) {
                                String[] name = sum.getKey().split(" ", -1);
                                long[] measures = {sum.getValue(), 2 * sum.getValue(), 0, 3 * sum.getValue(), 1};
                                out.row(
                                        Long.parseLong(name[0]) * 3600,
                                        Long.parseLong(name[1]),
                                        "items",
                                        "success",
                                        measures,
                                        0);
                            }
                        },
                        verdicts,
                        List.of());
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        private List<Driver> ready() {
            return drivers.stream()
                    .filter(driver -> driver.accepted().size() == PARTS)
                    .toList();
        }

        private MergeResult merge(Driver driver) {
            return merge.merge(driver.batch(), driver.plan().size(), driver.accepted(), NOW, NOW);
        }

        private void mergeOne() {
            List<Driver> ready = ready();
            if (ready.isEmpty()) {
                return;
            }
            Driver driver = ready.get(random.nextInt(ready.size()));
            boolean committed = merge(driver).committed();
            if (random.nextInt(3) == 0) {
                // As after a COMMIT whose answer got lost.
                assertThat(merge(driver).committed()).isEqualTo(committed);
            }
            drivers.remove(driver);
        }

        private void mergeTwoAtOnce() throws Exception {
            List<Driver> ready = ready();
            if (ready.size() < 2) {
                return;
            }
            Future<?> folding = threads.submit(() -> fold(8));
            Future<MergeResult> one = threads.submit(() -> merge(ready.get(0)));
            Future<MergeResult> other = threads.submit(() -> merge(ready.get(1)));
            one.get();
            other.get();
            folding.get();
            drivers.removeAll(ready.subList(0, 2));
        }

        /** As after retention: what is folded are segments that any of the drivers may have planned. */
        private void fold(int most) {
            jdbi.useHandle(handle -> handle.createUpdate("update ledger set deleted_at = now() where edge = :edge")
                    .bind("edge", "sim-" + number)
                    .execute());
            folded.addAndGet(retention.fold(most));
        }

        /** All lands, every zombie writes, a last driver counts what is left. */
        void finish() {
            while (!waiting.isEmpty()) {
                land();
            }
            zombies.forEach(Runnable::run);
            drivers.clear();
            while (plan()) {
                while (drivers.get(0).accepted().size() < PARTS) {
                    stage();
                }
                merge(drivers.remove(0));
                fold(3);
            }
            zombies.forEach(Runnable::run);
            store.clean(NOW);
        }

        SortedMap<String, Long> expected() {
            SortedMap<String, Long> expected = new TreeMap<>();
            landed.forEach(segment -> segment.usage().forEach((name, count) -> expected.merge(name, count, Long::sum)));
            return expected;
        }
    }

    @Test
    void usageIsTheSumOverUniqueSegmentsWhateverTheInterleaving() throws Exception {
        long seed = System.nanoTime();
        // By one connection, but for tasks and what runs beside: most of the time went into making them.
        jdbi.useHandle(shared -> {
            for (int number = 0; number < SCHEDULES; number++) {
                run(new Schedule(number, seed + number), number, "seed " + seed + ", schedule " + number);
            }
        });
        threads.shutdown();
        assertThat(folded.get()).as("seed " + seed + ": segments folded").isGreaterThan(SCHEDULES);
        assertThat(count("staged_usage") + count("staged_segment") + count("batch_segment"))
                .as("seed " + seed + ": staging is empty")
                .isZero();
        assertThat(
                        count(
                                "batch where committed_at is not null and not exists (select from ledger l where l.batch_id = batch.batch_id)"))
                .as("ledger and usage commit together")
                .isZero();
    }

    private void run(Schedule schedule, int number, String where) throws Exception {
        for (int step = 0; step < STEPS; step++) {
            schedule.step();
        }
        assertThat(usage(number).keySet())
                .as(where + ", before the end")
                .isSubsetOf(schedule.expected().keySet());
        schedule.finish();
        assertThat(usage(number)).as(where).isEqualTo(schedule.expected());
        assertThat(ledger(number)).as(where).containsExactly(1L, 2L, 3L, 4L, 1L, 2L, 3L, 4L);
    }

    private SortedMap<String, Long> usage(int schedule) {
        SortedMap<String, Long> usage = new TreeMap<>();
        jdbi.useHandle(
                handle -> handle.createQuery("select extract(epoch from hour)::bigint / 3600 || ' ' || key_id as name,"
                                + " requests from usage_hourly where key_id > :first and key_id <= :last"
                                + " and units = 2 * requests and bytes_out = 3 * requests")
                        .bind("first", schedule * KEYS)
                        .bind("last", (schedule + 1) * KEYS)
                        .map((row, context) -> Map.entry(row.getString("name"), row.getLong("requests")))
                        .forEach(entry -> usage.put(entry.getKey(), entry.getValue())));
        return usage;
    }

    /** Numbers by stream. */
    private List<Long> ledger(int schedule) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select number from (select stream, number from ledger"
                                + " where edge = :edge and verdict = 'counted' union all select stream, number from ledger_run,"
                                + " generate_series(first_number, last_number) number where edge = :edge) known order by stream, number")
                .bind("edge", "sim-" + schedule)
                .mapTo(Long.class)
                .list());
    }

    private long count(String table) {
        return jdbi.withHandle(handle -> handle.createQuery("select count(*) from " + table)
                .mapTo(Long.class)
                .one());
    }
}
