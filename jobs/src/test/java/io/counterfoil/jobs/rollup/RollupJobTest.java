package io.counterfoil.jobs.rollup;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.SealJson;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.rollup.RollupStore;
import io.counterfoil.sql.snapshot.SnapshotRows;
import io.counterfoil.sql.snapshot.SnapshotStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TimeZone;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32C;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The rollup against real Postgres and Spark; what it must hold is counted from the raw lines by code that it does not share. */
final class RollupJobTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:30:00Z");
    private static final long HOUR = 3_600;

    @TempDir
    Path folder;

    private final long seed = System.nanoTime();
    private TestDatabase database;
    private LandedSegments segments;

    @BeforeEach
    void freshDatabase() {
        database = TestDatabase.fresh();
        segments = new LandedSegments(folder, seed, NOW.getEpochSecond() - 4 * HOUR);
    }

    @AfterEach
    void limitsAddUp() {
        assertThat(database.limitFaults(NOW)).as("seed " + seed).isEmpty();
    }

    private long limitRows() {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("select count(*) from limit_usage where used > 0")
                        .mapTo(Long.class)
                        .one());
    }

    @Test
    void countsEverySegmentOnceWhateverTheOrderOfTheirArrival() throws Exception {
        database.limitEveryKey();
        List<LandedSegments.Built> built = new ArrayList<>();
        for (int stream = 0; stream < 3; stream++) {
            for (int number = 1; number <= 6; number++) {
                built.add(segments.random(
                        LandedSegments.stream("edge-" + stream, stream), number, 100L * number - 99, 100));
            }
        }
        Collections.shuffle(built, new java.util.Random(seed));
        for (LandedSegments.Built segment : built) {
            segments.publishCounted(segment);
            job().run();
        }
        RollupResult nothing = job().run();

        assertThat(database.usage()).as("seed " + seed).isEqualTo(segments.expected());
        // Days and the period of nine keys and of their account, by three measures; all hours have passed.
        assertThat(limitRows()).isEqualTo(2 * 3 * (9 + 1));
        assertThat(nothing.segments()).isZero();
        assertThat(new RollupStore(database.jdbi()).marks().values())
                .containsOnly(new RollupStore.Mark(6, false))
                .hasSize(3);
        assertThat(database.stagedRows()).isZero();
    }

    @Test
    void twoDriversAtOnceCountOnce() throws Exception {
        database.limitEveryKey();
        for (int number = 1; number <= 20; number++) {
            segments.publishCounted(segments.random(LandedSegments.stream("edge-1", 0), number, 50L * number - 49, 50));
        }
        ExecutorService drivers = Executors.newFixedThreadPool(3);
        Callable<RollupResult> run = () -> job().run();
        List<Future<RollupResult>> results = drivers.invokeAll(List.of(run, run, run));
        long counted = 0;
        for (Future<RollupResult> result : results) {
            counted += result.get().records();
        }
        drivers.shutdown();

        assertThat(counted).isEqualTo(1000);
        assertThat(database.usage()).as("seed " + seed).isEqualTo(segments.expected());
    }

    @Test
    void aDriverThatDiedAfterStagingLeavesNothingThatCounts() throws Exception {
        segments.publishCounted(segments.random(LandedSegments.stream("edge-1", 0), 1, 1, 200));
        StagedBatch staged = StagedBatch.of(segments, database, NOW);

        job().run();
        boolean late = staged.merge();
        job().run();

        assertThat(staged.attempts().get(0).requests()).isEqualTo(200);
        assertThat(late).as("the dead driver thawed and tried to merge").isFalse();
        assertThat(database.usage()).as("seed " + seed).isEqualTo(segments.expected());
        assertThat(database.stagedRows()).isZero();
    }

    @Test
    void mergingTheSameBatchTwiceCountsItOnce() throws Exception {
        segments.publishCounted(segments.random(LandedSegments.stream("edge-1", 0), 1, 1, 200));
        StagedBatch staged = StagedBatch.of(segments, database, NOW);

        assertThat(staged.merge()).isTrue();
        assertThat(staged.merge()).as("as after a COMMIT whose answer got lost").isTrue();
        assertThat(database.usage()).as("seed " + seed).isEqualTo(segments.expected());
    }

    @Test
    void aChangedSegmentIsQuarantinedAndStopsNothingElse() throws Exception {
        StreamId bad = LandedSegments.stream("edge-bad", 0);
        LandedSegments.Built changed = segments.random(bad, 1, 1, 50);
        changed.csv()[changed.csv().length / 2] ^= 1;
        segments.publish(changed);
        segments.publishCounted(segments.random(bad, 2, 51, 50));
        segments.publishCounted(segments.random(LandedSegments.stream("edge-good", 0), 1, 1, 50));
        Path sealWithoutData = folder.resolve("segments/edge-good/" + bad.epoch() + "/0/0/1.csv.zst");

        RollupResult result = job().run();

        assertThat(sealWithoutData).exists();
        assertThat(result.quarantined())
                .hasSize(1)
                .first()
                .asString()
                .contains("edge-bad")
                .contains("sha256 is");
        assertThat(database.usage()).as("seed " + seed).isEqualTo(segments.expected());
        assertThat(job().run().segments()).isZero();
    }

    @Test
    void aSealWithoutItsDataIsQuarantined() throws Exception {
        StreamId stream = LandedSegments.stream("edge-1", 0);
        segments.publish(segments.random(stream, 1, 1, 50));
        Files.delete(folder.resolve("segments/edge-1/" + stream.epoch() + "/0/0/1.csv.zst"));

        assertThat(job().run().quarantined()).hasSize(1).first().asString().contains("the data is not");
        assertThat(database.usage()).isEmpty();
    }

    @Test
    void aStreamWhoseSealCannotBeReadDoesNotStopTheOthers() throws Exception {
        StreamId stream = LandedSegments.stream("edge-bad", 0);
        segments.publish(segments.random(stream, 1, 1, 50));
        Files.writeString(folder.resolve("segments/edge-bad/" + stream.epoch() + "/0/0/1.seal.json"), "{");
        segments.publishCounted(segments.random(LandedSegments.stream("edge-good", 0), 1, 1, 50));

        RollupResult result = job().run();

        assertThat(result.unreadable()).hasSize(1).first().asString().contains("1.seal.json");
        assertThat(database.usage()).as("seed " + seed).isEqualTo(segments.expected());
    }

    @Test
    void aLandingThatCannotBeReadNowIsTriedAgainLater() throws Exception {
        StreamId stream = LandedSegments.stream("edge-1", 0);
        LandedSegments.Built segment = segments.publishCounted(segments.random(stream, 1, 1, 50));
        Path data = folder.resolve("segments/edge-1/" + stream.epoch() + "/0/0/1.csv.zst");
        Files.delete(data);
        // A folder can be opened, but not read: what a disk that fails gives.
        Files.createDirectory(data);

        assertThatThrownBy(() -> job().run())
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(4))
                .hasMessageContaining("could not read the landing");
        assertThat(database.usage()).isEmpty();
        Files.delete(data);
        segments.publish(segment);
        job().run();
        assertThat(database.usage()).as("seed " + seed).isEqualTo(segments.expected());
    }

    @Test
    void behindAGapCountingGoesOnHoweverMuchIsThere() throws Exception {
        StreamId stream = LandedSegments.stream("edge-1", 0);
        segments.publishCounted(segments.random(stream, 1, 1, 1));
        for (int number = 3; number <= 1040; number++) {
            segments.publishCounted(segments.random(stream, number, number, 1));
        }
        job().run();
        assertThat(database.usage()).as("seed " + seed).isEqualTo(segments.expected());
        segments.publishCounted(segments.random(stream, 1041, 1041, 1));
        job().run();
        assertThat(database.usage()).as("seed " + seed).isEqualTo(segments.expected());
        segments.publishCounted(segments.random(stream, 2, 2, 1));
        job().run();

        assertThat(database.usage()).as("seed " + seed).isEqualTo(segments.expected());
        assertThat(new RollupStore(database.jdbi()).marks().values())
                .containsExactly(new RollupStore.Mark(1041, false));
    }

    @Test
    void segmentsThatShareSequenceNumbersAreQuarantinedAndStopNothingElse() throws Exception {
        StreamId stream = LandedSegments.stream("edge-bad", 0);
        segments.publishCounted(segments.random(stream, 1, 1, 50));
        job().run();
        segments.publish(segments.random(stream, 2, 50, 10));
        segments.publish(segments.random(stream, 3, 1, 5));
        segments.publishCounted(segments.random(stream, 4, 60, 10));
        segments.publishCounted(segments.random(LandedSegments.stream("edge-good", 0), 1, 1, 50));

        RollupResult result = job().run();

        assertThat(result.quarantined())
                .hasSize(2)
                .allMatch(line -> line.contains("another segment's of its stream too"));
        assertThat(result.records()).isEqualTo(60);
        assertThat(database.usage()).as("seed " + seed).isEqualTo(segments.expected());
    }

    @Test
    void aLandingOfAnotherDatabaseIsRefused() throws Exception {
        segments.publishCounted(segments.random(LandedSegments.stream("edge-1", 0), 1, 1, 50));
        job().run();
        TestDatabase other = TestDatabase.fresh();

        assertThatThrownBy(() -> new RollupJob(
                        SparkForTests.session(), folder.toString(), other.jdbcUrl(), InstantSource.fixed(NOW)))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
                .hasMessageContaining("belongs to database");
    }

    @Test
    void recordsOfImpossibleHoursAreRejectsWithTheirPlace() throws Exception {
        StreamId stream = LandedSegments.stream("edge-1", 0);
        long tomorrow = NOW.plusSeconds(25 * HOUR).toEpochMilli() * 1000;
        segments.publish(LandedSegments.build(stream, 1, 1, List.of(LandedSegments.facts(3)), 0, 1));
        segments.publish(LandedSegments.build(stream, 2, 2, List.of(LandedSegments.facts(3)), tomorrow, 1));

        RollupResult result = job().run();

        assertThat(result.rejects()).isEqualTo(2);
        assertThat(database.usage()).isEmpty();
        List<String> reasons = database.jdbi()
                .withHandle(handle -> handle.createQuery(
                                "select file || ':' || line || ' ' || reason from reject order by 1")
                        .mapTo(String.class)
                        .list());
        assertThat(reasons.get(0)).startsWith(stream + "/1.csv:2 ts_us 0 is before 1990");
        assertThat(reasons.get(1)).contains("more than a day ahead");
    }

    @Test
    void aKeyThatUsedItsLimitIsFlaggedInItsWindowOnly() throws Exception {
        long key = key("acme", 10);
        StreamId stream = LandedSegments.stream("edge-1", 0);
        long lastHour = (NOW.getEpochSecond() - HOUR) * 1_000_000;
        long thisHour = (NOW.getEpochSecond() - 60) * 1_000_000;
        segments.publish(
                LandedSegments.build(stream, 1, 1, Collections.nCopies(15, LandedSegments.facts(key)), lastHour, 1));
        assertThat(job().run().flags()).as("the window has passed").isEmpty();
        segments.publish(
                LandedSegments.build(stream, 2, 16, Collections.nCopies(9, LandedSegments.facts(key)), thisHour, 1));
        assertThat(job().run().flags()).as("9 of 10 used").isEmpty();
        segments.publish(LandedSegments.build(
                stream, 3, 25, Collections.nCopies(4, LandedSegments.facts(key)), thisHour + 9, 1));
        RollupResult crossed = job().run();

        assertThat(crossed.flags()).hasSize(1);
        assertThat(crossed.flags().get(0).used()).isEqualTo(13);
        SnapshotRows.Collected snapshot = new SnapshotStore(database.jdbi()).changesSince(0, NOW);
        assertThat(snapshot.flags()).hasSize(1);
        assertThat(snapshot.flags().get(0).subjectId()).isEqualTo(key);
        assertThat(snapshot.flags().get(0).resetsAt()).isEqualTo(Instant.parse("2026-11-01T13:00:00Z"));
        assertThat(snapshot.flags().get(0).windowStart()).isEqualTo(Instant.parse("2026-11-01T12:00:00Z"));
        assertThat(limitUsage()).isEqualTo(limitUsageFromHours());
    }

    @Test
    void aRouteThatIsNoneIsARejectAndStopsNobody() throws Exception {
        StreamId stream = LandedSegments.stream("edge-odd", 0);
        SegmentId id = new SegmentId(stream, 1);
        LandedSegments.Built sound = LandedSegments.build(
                stream,
                1,
                1,
                Collections.nCopies(4, LandedSegments.facts(3)),
                (NOW.getEpochSecond() - HOUR) * 1_000_000,
                1);
        List<String> lines =
                new String(sound.csv(), StandardCharsets.US_ASCII).lines().toList();
        StringBuilder csv = new StringBuilder(lines.get(0)).append('\n');
        List<String> routes = List.of("", "\"", "\"a\"", "items");
        for (int i = 0; i < routes.size(); i++) {
            String line = lines.get(i + 1).replace(",items,", "," + routes.get(i) + ",");
            line = line.substring(0, line.lastIndexOf(',') + 1);
            CRC32C crc = new CRC32C();
            crc.update(RecordFormat.salt(id));
            crc.update(line.getBytes(StandardCharsets.US_ASCII));
            csv.append(line).append(String.format("%08x", crc.getValue())).append('\n');
        }
        byte[] bytes = csv.toString().getBytes(StandardCharsets.US_ASCII);
        ObjectNode seal = (ObjectNode) new ObjectMapper().readTree(SealJson.write(sound.seal()));
        seal.put("bytes", bytes.length).put("sha256", Digests.sha256(bytes));
        segments.publish(
                new LandedSegments.Built(SealJson.read(seal.toString().getBytes(StandardCharsets.UTF_8)), bytes));
        segments.publishCounted(segments.random(LandedSegments.stream("edge-sound", 0), 1, 1, 50));

        RollupResult result = job().run();

        assertThat(result.records()).isEqualTo(51);
        assertThat(result.rejects()).isEqualTo(3);
        List<String> reasons = database.jdbi()
                .withHandle(handle -> handle.createQuery("select reason from reject order by byte_position")
                        .mapTo(String.class)
                        .list());
        assertThat(reasons).element(2).isEqualTo("route is '\"a\"', expected 1 to 64 of a-z 0-9 . _ - alone");
    }

    @Test
    void hoursAndWindowsAreUtcWhereverTheServerStands() throws Exception {
        TimeZone before = TimeZone.getDefault();
        try {
            TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Auckland"));
            aKeyThatUsedItsLimitIsFlaggedInItsWindowOnly();
            segments.publishCounted(segments.random(LandedSegments.stream("edge-2", 0), 1, 1, 300));
            job().run();
            SortedMap<String, List<Long>> counted = database.usage();
            segments.expected()
                    .forEach((name, sums) ->
                            assertThat(counted).as("seed " + seed).containsEntry(name, sums));
        } finally {
            TimeZone.setDefault(before);
        }
    }

    private RollupJob job() {
        return new RollupJob(SparkForTests.session(), folder.toString(), database.jdbcUrl(), InstantSource.fixed(NOW));
    }

    private long key(String label, long quota) {
        long account = new AccountStore(database.jdbi()).create("Acme", Optional.empty(), NOW);
        long plan = new PlanStore(database.jdbi())
                .create("small", List.of(UsageLimit.parse(quota + "/hour", "refuse")), NOW);
        String hash = KeyStore.hash("secret of " + label);
        KeyStore keys = new KeyStore(database.jdbi());
        keys.create(List.of(new KeyStore.NewKey(account, Optional.of(plan), label, Optional.of(hash), "test")), NOW);
        return keys.byHash(List.of(hash)).get(hash);
    }

    private List<String> limitUsage() {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery(
                                "select subject_id || ' ' || extract(epoch from window_start)::bigint"
                                        + " || ' ' || used from limit_usage order by 1")
                        .mapTo(String.class)
                        .list());
    }

    private List<String> limitUsageFromHours() {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("select key_id || ' ' || extract(epoch from hour)::bigint"
                                + " || ' ' || sum(requests) from usage_hourly join api_key using (key_id)"
                                + " where outcome = 'success' and hour > :now::timestamptz - interval '1 hour'"
                                + " group by key_id, hour order by 1")
                        .bind("now", NOW.toString())
                        .mapTo(String.class)
                        .list());
    }
}
