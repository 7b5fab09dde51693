package io.counterfoil.jobs.rollup;

import io.counterfoil.accesslog.landing.SegmentRepair;
import io.counterfoil.accesslog.landing.Zstd;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.SealJson;
import io.counterfoil.accesslog.segment.CorruptSegmentException;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.hours.EdgeRosterStore;
import io.counterfoil.sql.rollup.RepairStore;
import io.counterfoil.sql.rollup.RollupStore;
import io.counterfoil.sql.rollup.SegmentKey;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Second verdicts: on repaired segments and on rejects whose time has come, each counted once whoever dies or races. */
final class RepairTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:30:00Z");
    private static final StreamId STREAM = LandedSegments.stream("edge-1", 0);

    @TempDir
    Path folder;

    private final long seed = System.nanoTime();
    private Instant now = NOW;
    private TestDatabase database;
    private LandedSegments segments;

    @BeforeEach
    void freshDatabase() {
        database = TestDatabase.fresh();
        database.limitEveryKey();
        segments = new LandedSegments(folder, seed, NOW.getEpochSecond() - 3 * 3_600);
    }

    @AfterEach
    void limitsAddUp() {
        assertThat(database.limitFaults(now)).as("seed " + seed).isEmpty();
    }

    @Test
    void aRepairedSegmentIsCountedOnceAndItsHoursAreComplete() throws Exception {
        EdgeLog log = new EdgeLog("edge-1", Instant.parse("2026-11-01T10:00:00Z"), 1, Optional.empty());
        new EdgeRosterStore(database.jdbi())
                .register("edge-1", Optional.of(log.epoch()), Instant.parse("2026-11-01T10:00:00Z"));
        LandedSegments.Built first = damaged(log.seal(0, Instant.parse("2026-11-01T10:30:00Z"), 5));
        segments.publishCounted(log.seal(0, Instant.parse("2026-11-01T11:00:00Z"), 5));
        RollupResult before = job().run();
        assertThat(before.quarantined()).hasSize(1);
        assertThat(complete()).isEmpty();

        assertThat(ask(first)).isTrue();
        RollupResult repaired = job().run();

        assertThat(repaired.segments()).isEqualTo(1);
        assertThat(repaired.records()).isEqualTo(5);
        assertThat(requests()).isEqualTo(10);
        assertThat(complete()).containsExactly("2026-11-01 10:00:00+00");
        assertThat(first(
                        "select verdict || ' ' || counted || ' ' || coalesce(reason, '-') from ledger order by number"))
                .isEqualTo("counted 5 -");
        assertThat(first("select actor || ' ' || counted || ' ' || before from repair"))
                .startsWith("ops 5 segment edge-1/")
                .contains("sha256 is");
        assertThat(ask(first)).as("nothing is quarantined any more").isFalse();
        assertThat(job().run().segments()).isZero();
        assertThat(requests()).isEqualTo(10);
        assertThat(folder.resolve("repair/edge-1/" + log.epoch() + "/0/1.1.csv.zst"))
                .exists();
        assertThat(folder.resolve("repair/edge-1/" + log.epoch() + "/0/1.2.csv.zst"))
                .as("the same copy again")
                .doesNotExist();
    }

    @Test
    void driversAtOnceCountARepairOnce() throws Exception {
        LandedSegments.Built bad = quarantined();
        assertThat(ask(bad)).isTrue();
        for (int number = 2; number <= 6; number++) {
            segments.publishCounted(segments.random(STREAM, number, 50L * number - 49, 50));
        }

        assertThat(recordsOfDriversAtOnce()).isEqualTo(300);

        assertThat(database.usage()).as("seed " + seed).isEqualTo(segments.expected());
    }

    @Test
    void aDriverThatDiedWhileItRepairedLeavesNothingThatCounts() throws Exception {
        LandedSegments.Built bad = quarantined();
        ask(bad);
        StagedBatch staged = StagedBatch.of(segments, database, now);

        job().run();

        assertThat(staged.merge()).as("the dead driver thawed").isFalse();
        job().run();
        assertThat(database.usage()).as("seed " + seed).isEqualTo(segments.expected());
        assertThat(stagedRows()).isZero();
    }

    @Test
    void anotherDriversCleanUpLeavesARepairThatIsNotMergedYet() throws Exception {
        LandedSegments.Built bad = quarantined();
        ask(bad);
        StagedBatch staged = StagedBatch.of(segments, database, now);

        new RollupStore(database.jdbi()).clean(NOW);

        assertThat(staged.merge()).isTrue();
        assertThat(staged.merge()).as("as after a COMMIT whose answer got lost").isTrue();
        assertThat(database.usage()).as("seed " + seed).isEqualTo(segments.expected());
    }

    @Test
    void aCopyThatWasDamagedRepairsNothingAndTheNextOneMay() throws Exception {
        LandedSegments.Built bad = quarantined();
        ask(bad);
        Path copy = folder.resolve("repair/edge-1/" + STREAM.epoch() + "/0/1.1.csv.zst");
        Files.write(copy, new byte[] {1, 2, 3});

        RollupResult refused = job().run();
        assertThat(refused.quarantined())
                .singleElement()
                .asString()
                .contains("edge-1")
                .contains("sha256 is");
        assertThat(database.usage()).isEmpty();
        assertThat(job().run().segments()).as("judged once").isZero();
        assertThat(ask(bad)).isTrue();
        job().run();

        assertThat(database.usage()).as("seed " + seed).isEqualTo(segments.expected());
        assertThat(folder.resolve("repair/edge-1/" + STREAM.epoch() + "/0/1.2.csv.zst"))
                .exists();
    }

    @Test
    void whatWasNotSealedIsNoRepair() throws Exception {
        LandedSegments.Built bad = quarantined();
        byte[] other = bad.csv().clone();
        other[other.length - 3] ^= 1;

        assertThatThrownBy(() -> SegmentRepair.publish(segments.landing(), bad.seal(), other))
                .isInstanceOf(CorruptSegmentException.class)
                .hasMessageContaining("sha256 is");

        assertThat(folder.resolve("repair")).doesNotExist();
        byte[] uncut = java.util.Arrays.copyOf(bad.csv(), bad.csv().length + 4096);
        assertThat(SegmentRepair.publish(segments.landing(), bad.seal(), uncut)).isEqualTo(1);
        assertThat(SegmentRepair.publish(segments.landing(), bad.seal(), Zstd.compress(bad.csv())))
                .isEqualTo(1);
    }

    @Test
    void aSegmentWhoseSequenceIsAnothersStaysInQuarantine() throws Exception {
        segments.publishCounted(segments.random(STREAM, 1, 1, 50));
        job().run();
        LandedSegments.Built twice = segments.random(STREAM, 2, 50, 10);
        segments.publish(twice);
        job().run();

        ask(twice);
        RollupResult result = job().run();

        assertThat(result.quarantined()).singleElement().asString().contains("another segment's");
        assertThat(database.usage()).as("seed " + seed).isEqualTo(segments.expected());
    }

    @Test
    void rejectsWhoseTimeHasComeAreCountedOnce() throws Exception {
        List<RequestFacts> three = List.of(LandedSegments.facts(3), LandedSegments.facts(4), LandedSegments.facts(5));
        long almostTomorrow = NOW.plus(Duration.ofHours(24)).minusSeconds(60).toEpochMilli() * 1000;
        LandedSegments.Built ahead = LandedSegments.build(STREAM, 1, 1, three, almostTomorrow, 3_600_000_000L);
        segments.publishCounted(ahead);
        segments.publish(LandedSegments.build(STREAM, 2, 4, three, 0, 1));
        assertThat(job().run().rejects()).isEqualTo(5);
        assertThat(retryable()).isEmpty();
        now = NOW.plus(Duration.ofHours(1));

        assertThat(retryable()).containsExactly(SegmentCounter.key(ahead.seal().id()));
        assertThat(retry(ahead.seal())).isTrue();
        assertThat(retry(ahead.seal())).as("asked already").isFalse();
        RollupResult one = job().run();
        assertThat(one.records()).isEqualTo(1);
        assertThat(one.rejects()).isEqualTo(1);
        now = NOW.plus(Duration.ofHours(30));
        assertThat(retry(ahead.seal())).isTrue();
        StagedBatch staged = StagedBatch.of(segments, database, now);
        assertThat(recordsOfDriversAtOnce()).isEqualTo(1);

        assertThat(staged.merge()).as("the dead driver thawed").isFalse();
        assertThat(retryable()).as("records before 1990 stay rejects").isEmpty();
        assertThat(database.usage()).isEqualTo(segments.expected());
        assertThat(first("select counted || ' ' || rejected from ledger where number = 1"))
                .isEqualTo("3 0");
        assertThat(first("select count(*)::text from reject")).isEqualTo("3");
        assertThat(first("select string_agg(counted::text, ',' order by repair_id) from repair"))
                .isEqualTo("1,1");
    }

    private LandedSegments.Built quarantined() throws Exception {
        LandedSegments.Built built = damaged(segments.random(STREAM, 1, 1, 50));
        assertThat(job().run().quarantined()).hasSize(1);
        return built;
    }

    /** Expects its records, lands it with a byte changed, and returns what was sealed. */
    private LandedSegments.Built damaged(LandedSegments.Built built) throws Exception {
        segments.publishCounted(built);
        byte[] changed = built.csv().clone();
        changed[changed.length / 2] ^= 1;
        StreamId stream = built.seal().id().stream();
        Path data =
                folder.resolve("segments/" + stream + "/0/" + built.seal().id().number() + ".csv.zst");
        Files.write(data, Zstd.compress(changed));
        return built;
    }

    private boolean ask(LandedSegments.Built built) throws Exception {
        Seal seal = built.seal();
        int copy = SegmentRepair.publish(segments.landing(), seal, built.csv());
        return new RepairStore(database.jdbi())
                .askRepair(key(seal), copy, json(seal), seal.sha256(), new Decision("ops", "from edge-1's disk", now));
    }

    private boolean retry(Seal seal) {
        return new RepairStore(database.jdbi())
                .askRetry(key(seal), json(seal), seal.sha256(), new Decision("ops", "their time has come", now));
    }

    private List<SegmentKey> retryable() {
        return new RepairStore(database.jdbi()).retryable(Optional.empty(), now.plus(Duration.ofDays(1)));
    }

    private static SegmentKey key(Seal seal) {
        return SegmentCounter.key(seal.id());
    }

    private static String json(Seal seal) {
        return new String(SealJson.write(seal), StandardCharsets.UTF_8);
    }

    private long recordsOfDriversAtOnce() throws Exception {
        ExecutorService drivers = Executors.newFixedThreadPool(3);
        Callable<RollupResult> run = () -> job().run();
        long counted = 0;
        for (Future<RollupResult> result : drivers.invokeAll(List.of(run, run, run))) {
            counted += result.get().records();
        }
        drivers.shutdown();
        return counted;
    }

    private RollupJob job() {
        return new RollupJob(SparkForTests.session(), folder.toString(), database.jdbcUrl(), InstantSource.fixed(now));
    }

    private long requests() {
        return Long.parseLong(first("select coalesce(sum(requests), 0)::bigint::text from usage_hourly"));
    }

    private List<String> complete() {
        return texts("select to_char(hour at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') || '+00' from hour_status"
                + " where hour_is_complete(hour) order by 1");
    }

    private long stagedRows() {
        return Long.parseLong(
                first("select ((select count(*) from staged_usage) + (select count(*) from staged_segment)"
                        + " + (select count(*) from staged_reject) + (select count(*) from batch_segment))::text"));
    }

    private String first(String query) {
        return texts(query).get(0);
    }

    private List<String> texts(String query) {
        return database.jdbi()
                .withHandle(
                        handle -> handle.createQuery(query).mapTo(String.class).list());
    }
}
