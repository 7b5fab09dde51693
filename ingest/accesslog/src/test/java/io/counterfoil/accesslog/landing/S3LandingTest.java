package io.counterfoil.accesslog.landing;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.log.AccessLog;
import io.counterfoil.accesslog.log.AccessLogConfig;
import io.counterfoil.accesslog.log.LogStream;
import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.RecordRange;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.Unlogged;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class S3LandingTest {
    private static final StreamId STREAM = new StreamId("edge-1", new Epoch(1_700_000_000, 5), 0);
    private static final RequestFacts FACTS =
            new RequestFacts(7, "items", "GET", 200, 0, 512, 99, 1, Decision.ADMITTED, "", "", "/v1/items/1");

    @TempDir
    Path folder;

    private TestS3 s3;
    private Landing landing;

    @BeforeEach
    void start() throws Exception {
        s3 = new TestS3();
        landing = s3.landing();
    }

    @AfterEach
    void stop() throws Exception {
        s3.close();
    }

    @Test
    void aSegmentIsThereAsItWasPublishedUnderTheNameAFolderWouldGiveIt() throws Exception {
        Seal seal = empty(1, 0);
        landing.publish(seal, data(seal), Optional.empty());
        FolderLanding same = new FolderLanding(folder.resolve("folder"));
        same.publish(seal, data(seal), Optional.empty());

        assertThat(landing.streams()).containsExactly(STREAM);
        assertThat(landing.sealsAfter(STREAM, 0, 10)).containsExactly(seal);
        assertThat(new SegmentReader(landing).read(seal).seal()).isEqualTo(seal);
        assertThat(landing.data(new SegmentId(STREAM, 2))).isEmpty();
        String name = "segments/edge-1/1700000000-0000000000000005/0/0/1";
        for (String suffix : List.of(".csv.zst", ".seal.json")) {
            assertThat(s3.store().blobExists(TestS3.BUCKET, "some/prefix/" + name + suffix))
                    .isTrue();
            assertThat(folder.resolve("folder").resolve(name + suffix)).exists();
        }
    }

    @Test
    void aPublishInterruptedBetweenDataAndSealIsRepeatedAndCompleted() throws Exception {
        Seal seal = empty(1, 0);
        landing.publish(seal, data(seal), Optional.empty());
        s3.store().removeBlob(TestS3.BUCKET, "some/prefix/" + LandingLayout.object(seal.id(), LandingLayout.SEAL));
        assertThat(landing.sealsAfter(STREAM, 0, 10)).isEmpty();

        landing.publish(seal, data(seal), Optional.empty());
        landing.publish(seal, data(seal), Optional.empty());

        assertThat(landing.sealsAfter(STREAM, 0, 10)).containsExactly(seal);
    }

    @Test
    void anotherContentUnderTheNameIsAConflictAndNothingIsOverwritten() throws Exception {
        Seal seal = empty(1, 0);
        landing.publish(seal, data(seal), Optional.empty());
        byte[] there = landing.data(seal.id()).orElseThrow();
        byte[] other = "something else".getBytes(StandardCharsets.UTF_8);
        Seal forged = new Seal(
                seal.id(),
                1,
                seal.records(),
                0,
                Unlogged.NONE,
                0,
                0,
                other.length,
                Digests.sha256(other),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.empty());

        assertThatThrownBy(() -> landing.publish(forged, Zstd.compress(other), Optional.empty()))
                .isInstanceOf(LandingConflictException.class)
                .hasMessageContaining("s3://landing/some/prefix/segments/edge-1/")
                .hasMessageContaining("nothing was overwritten");
        Seal otherSeal = empty(1, 77);
        assertThatThrownBy(() -> landing.publish(otherSeal, data(otherSeal), Optional.empty()))
                .isInstanceOf(LandingConflictException.class)
                .hasMessageContaining(".seal.json is there with another content");
        assertThat(landing.data(seal.id()).orElseThrow()).isEqualTo(there);
        assertThat(landing.sealsAfter(STREAM, 0, 10)).containsExactly(seal);
    }

    @Test
    void sealsAreListedFromTheMarkOnAcrossFolders() throws Exception {
        // Put there past the protocol: a thousand publishes are not what is tested.
        List<Seal> seals = new ArrayList<>();
        for (int number = 1; number <= 2003; number++) {
            Seal seal = empty(number, 0);
            seals.add(seal);
            put(LandingLayout.object(seal.id(), LandingLayout.DATA), data(seal));
            put(
                    LandingLayout.object(seal.id(), LandingLayout.SEAL),
                    io.counterfoil.accesslog.seal.SealJson.write(seal));
        }

        for (long mark : new long[] {0, 8, 9, 99, 998, 999, 1000, 1500, 1998, 1999, 2000, 2003, 5000}) {
            List<Seal> expected = seals.stream()
                    .filter(seal -> seal.id().number() > mark)
                    .limit(5)
                    .toList();
            assertThat(landing.sealsAfter(STREAM, mark, 5)).as("after " + mark).isEqualTo(expected);
        }
        assertThat(landing.sealsAfter(STREAM, 1990, 100)).isEqualTo(seals.subList(1990, 2003));
    }

    @Test
    void aLandingIsBoundOnceAndUnsealedDataCanBeDiscarded() throws Exception {
        assertThat(landing.bind("one")).isEqualTo("one");
        assertThat(landing.bind("two")).isEqualTo("one");
        Seal seal = empty(1, 0);
        put(LandingLayout.object(seal.id(), LandingLayout.DATA), data(seal));
        landing.discardUnsealed(seal.id());
        assertThat(landing.data(seal.id())).isEmpty();
        landing.publish(seal, data(seal), Optional.empty());
        landing.discardUnsealed(seal.id());
        assertThat(landing.data(seal.id())).isPresent();
    }

    /** The edge's view: the store goes away, the log goes on, and all of it is there when the store is back. */
    @Test
    void aLogGoesOnWhileTheStoreIsAwayAndShipsEverythingAfterwards() throws Exception {
        Queue<String> notices = new ConcurrentLinkedQueue<>();
        AtomicLong micros = new AtomicLong(1_700_000_000_000_000L);
        AccessLogConfig config =
                AccessLogConfig.of(folder.resolve("data"), "edge-1", 1).withSegmentBytes(64 << 10);
        try (AccessLog log = AccessLog.open(config, landing, micros::incrementAndGet, notices::add)) {
            LogStream stream = log.stream(0);
            append(stream, 100);
            stream.rollIfDue(1);
            await("the first is shipped", () -> log.stats().waitingSegments() == 0);
            s3.stop();
            for (int i = 0; i < 5; i++) {
                append(stream, 100);
                long unsealedBefore = log.stats().waitingSegments();
                await("a segment was rolled and sealed", () -> {
                    stream.rollIfDue(1);
                    return log.stats().waitingSegments() > unsealedBefore;
                });
            }
            await("the operator is told", () -> log.stats().landingDown());
            s3.start();
            await("all is shipped", () -> log.stats().waitingSegments() == 0);
            stream.end();
        }

        StreamId stream = landing.streams().get(0);
        List<Seal> seals = landing.sealsAfter(stream, 0, 100);
        assertThat(seals.stream().mapToLong(seal -> seal.records().count()).sum())
                .isEqualTo(600);
        for (Seal seal : seals) {
            assertThat(new SegmentReader(landing).read(seal).seal()).isEqualTo(seal);
        }
        assertThat(notices)
                .anyMatch(line -> line.startsWith("landing cannot be written, segments wait on this disk: cannot create"
                        + " s3://landing/some/prefix/segments/edge-1/"))
                .anyMatch(line -> line.equals("landing can be written again"))
                .noneMatch(line -> line.contains("test-secret"));
    }

    @Test
    void aStoreThatIsAwayOrRefusesSaysSoWithoutASecret() throws Exception {
        Map<String, String> wrong = new java.util.HashMap<>(s3.environment());
        wrong.put("AWS_SECRET_ACCESS_KEY", "another-secret");
        Landing refused = LandingAddress.parse("s3://landing").open(wrong);
        assertThatThrownBy(refused::streams)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot list s3://landing/segments/")
                .hasMessageContaining("check the credentials")
                .hasMessageNotContaining("another-secret");
        Landing missing = LandingAddress.parse("s3://not-there").open(s3.environment());
        assertThatThrownBy(missing::streams)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("does bucket not-there exist");
    }

    @Test
    void anAddressIsAFolderOrABucketAndWrongSettingsAreNamed() {
        assertThat(LandingAddress.parse("/var/landing").folder()).contains(Path.of("/var/landing"));
        assertThat(LandingAddress.parse("s3://bucket/a/b/").toString()).isEqualTo("s3://bucket/a/b/");
        assertThatThrownBy(() -> LandingAddress.parse("gs://bucket"))
                .hasMessage("landing is 'gs://bucket', expected a folder or s3://bucket/prefix");
        assertThatThrownBy(() -> LandingAddress.parse("s3://Bucket"))
                .hasMessageContaining("expected a folder or s3://");
        LandingAddress address = LandingAddress.parse("s3://bucket");
        assertThatThrownBy(() -> address.open(Map.of("AWS_ENDPOINT_URL_S3", "localhost:9000")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("AWS_ENDPOINT_URL_S3");
        assertThatThrownBy(() -> address.open(Map.of("AWS_REGION", "eu-central-1", "AWS_ACCESS_KEY_ID", "x")))
                .hasMessageContaining("only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set");
        assertThatThrownBy(() -> address.open(Map.of("COUNTERFOIL_S3_PATH_STYLE", "yes")))
                .hasMessageContaining("COUNTERFOIL_S3_PATH_STYLE is 'yes', expected true or false");
    }

    private void put(String name, byte[] bytes) {
        s3.store()
                .putBlob(
                        TestS3.BUCKET,
                        s3.store()
                                .blobBuilder("some/prefix/" + name)
                                .payload(bytes)
                                .contentLength(bytes.length)
                                .build());
    }

    private static Seal empty(long number, long served) {
        byte[] csv = RecordFormat.header(new SegmentId(STREAM, number));
        return new Seal(
                new SegmentId(STREAM, number),
                1,
                RecordRange.empty(1),
                served,
                Unlogged.NONE,
                0,
                0,
                csv.length,
                Digests.sha256(csv),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.empty());
    }

    private static byte[] data(Seal seal) {
        return Zstd.compress(RecordFormat.header(seal.id()));
    }

    private static void append(LogStream stream, int count) {
        for (int i = 0; i < count; i++) {
            await("a segment is ready", stream::ready);
            assertThat(stream.append(FACTS)).isTrue();
            stream.countServed();
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time: " + what).isLessThan(deadline);
            try {
                TimeUnit.MILLISECONDS.sleep(5);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }
}
