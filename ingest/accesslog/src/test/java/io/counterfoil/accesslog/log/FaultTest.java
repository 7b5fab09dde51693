package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.testing.Waiting;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;

/** Disks that fail, fill up and forget; a landing that is away. */
final class FaultTest {
    private static final Duration SOON = Duration.ofMillis(5);

    @TempDir
    Path folder;

    private LogFixture fixture;
    private final FailingDisk disk = new FailingDisk();

    @BeforeEach
    void fixture() {
        fixture = new LogFixture(folder);
    }

    @Test
    void aFailedForceClosesTheSegmentAndNothingIsLost() throws Exception {
        AccessLogConfig config = fixture.config("data").withForceEvery(SOON);
        try (AccessLog log = fixture.open(config, fixture.landing(), disk)) {
            LogStream stream = log.stream(0);
            LogFixture.awaitSpare(config, stream);
            disk.failingForces.set(1);
            fixture.append(stream, 10);
            Waiting.until("the force has failed", () -> log.stats().failedForces() == 1);
            fixture.append(stream, 10);
            Waiting.until("the closed segment is sealed", () -> log.stats().poisonedSegments() == 1);
            stream.end();
        }

        List<Seal> seals = fixture.seals();
        assertThat(LogFixture.sequence(fixture.landing(), seals)).hasSize(20).endsWith(20L);
        assertThat(seals).extracting(seal -> seal.unlogged().total()).containsOnly(0L);
        assertThat(fixture.notices)
                .anyMatch(line -> line.contains("cannot be forced to the disk") && line.contains("Input/output error"));
    }

    @Test
    void recordsThatTheFileLostAreCountedExactly() throws Exception {
        AccessLogConfig config = fixture.config("data");
        try (AccessLog log = fixture.open(config)) {
            LogStream stream = log.stream(0);
            fixture.append(stream, 100);
            Path active = LogFixture.file(config.folder(), "segment-0.csv");
            byte[] bytes = Files.readAllBytes(active);
            // As where a store was swallowed: zeros in the midst of what was acknowledged.
            bytes[2000] = 0;
            overwrite(active, bytes);
            LogFixture.roll(stream);
            fixture.append(stream, 5);
            stream.end();
        }

        List<Seal> seals = fixture.seals();
        Seal bad = seals.get(0);
        assertThat(bad.unlogged().lost())
                .isPositive()
                .isEqualTo(100 - bad.records().count());
        assertThat(LogFixture.records(seals)).isEqualTo(105 - bad.unlogged().lost());
        assertThat(bad.served())
                .isEqualTo(bad.records().count() + bad.unlogged().total());
        assertThat(seals.get(1).records().firstSeq()).isEqualTo(101);
        assertThat(fixture.notices)
                .anyMatch(line ->
                        line.contains(bad.unlogged().lost() + " records were appended, but are not in its file"));
    }

    @Test
    void aFullDiskIsKnownAheadAndWhatGoesUnloggedIsCounted() throws Exception {
        AccessLogConfig config = fixture.config("data");
        int logged;
        try (AccessLog log = fixture.open(config, fixture.landing(), disk)) {
            LogStream stream = log.stream(0);
            LogFixture.awaitSpare(config, stream);
            disk.full = true;
            logged = fixture.serve(stream, 1000);
            assertThat(stream.ready()).isTrue();
            Waiting.until("the disk is known to be full", () -> {
                fixture.micros.addAndGet(10);
                return fixture.notices.stream().anyMatch(line -> line.contains("no segment can be prepared"));
            });
            logged += fixture.serve(stream, 1000);
            assertThat(stream.ready()).isFalse();
            long disk = log.stats().unlogged().disk();
            assertThat(disk).isPositive();
            this.disk.full = false;
            fixture.append(stream, 10);
            assertThat(log.stats().records()).isEqualTo(logged + 10L);
            stream.end();
        }

        List<Seal> seals = fixture.seals();
        assertThat(LogFixture.records(seals)).isEqualTo(logged + 10L);
        assertThat(seals.stream().mapToLong(Seal::served).sum()).isEqualTo(2010);
        assertThat(seals.stream().mapToLong(seal -> seal.unlogged().total()).sum())
                .isEqualTo(2000 - logged);
        assertThat(fixture.notices)
                .anyMatch(line -> line.contains("No space left on device; free space"))
                .anyMatch(line -> line.equals("segments can be prepared again"));
    }

    @Test
    void noMoreThanTheBoundWaitsForALandingThatIsAway() throws Exception {
        Files.writeString(folder.resolve("landing"), "in the way");
        AccessLogConfig config = fixture.config("data").withMaxWaitingBytes(20_000);
        long logged = 0;
        try (AccessLog log = fixture.open(config)) {
            LogStream stream = log.stream(0);
            while (log.stats().unlogged().disk() == 0) {
                Waiting.until(
                        "a segment is ready, or the bound is reached",
                        () -> stream.ready() || log.stats().waitingBytes() >= 20_000);
                logged += fixture.serve(stream, 100);
            }
            assertThat(log.stats().landingDown()).isTrue();
            assertThat(log.stats().waitingSegments()).isPositive();
            assertThat(log.stats().waitingBytes()).isBetween(20_000L, 20_000L + 9 * 20_000);
            Files.delete(folder.resolve("landing"));
            Waiting.until("the landing has taken all", () -> log.stats().waitingSegments() == 0);
            Waiting.until("segments are prepared again", stream::canRoll);
            fixture.append(stream, 10);
            stream.end();
        }

        assertThat(LogFixture.records(fixture.seals())).isEqualTo(logged + 10);
        assertThat(fixture.notices)
                .anyMatch(line -> line.contains("landing cannot be written, segments wait on this disk"))
                .anyMatch(line -> line.contains("bytes wait for the landing, at most 20000 may"))
                .anyMatch(line -> line.equals("landing can be written again"));
    }

    @Test
    void theReserveIsGivenUpToSealAndFilledAgain() throws Exception {
        AccessLogConfig config = fixture.config("data");
        Path sealed = config.folder().resolve("sealed");
        try (AccessLog log = fixture.open(config)) {
            LogStream stream = log.stream(0);
            LogFixture.awaitSpare(config, stream);
            Files.writeString(sealed, "in the way");
            fixture.append(stream, 10);
            LogFixture.roll(stream);
            Waiting.until(
                    "the reserve is given up",
                    () -> !Files.exists(config.folder().resolve("reserve")));
            TimeUnit.MILLISECONDS.sleep(1_500);
            assertThat(config.folder().resolve("reserve"))
                    .as("the seal needs its space")
                    .doesNotExist();
            Files.delete(sealed);
            Waiting.until(
                    "the reserve is there again",
                    () -> Files.exists(config.folder().resolve("reserve")));
            stream.end();
        }
        assertThat(LogFixture.records(fixture.seals())).isEqualTo(10);
    }

    @Test
    void whileNothingCanBeSealedEveryRolledSegmentIsForcedOnce() throws Exception {
        AccessLogConfig config = fixture.config("data");
        try (AccessLog log = fixture.open(config, fixture.landing(), disk)) {
            LogStream stream = log.stream(0);
            LogFixture.awaitSpare(config, stream);
            Path sealed = config.folder().resolve("sealed");
            Files.writeString(sealed, "in the way");
            Path control = LogFixture.file(config.folder(), "control");
            for (int number = 1; number <= 3; number++) {
                fixture.append(stream, 10);
                LogFixture.roll(stream);
                int last = number;
                Waiting.until(
                        "segment " + number + " is forced", () -> LogFixture.forcedSeq(control, last) == 10L * last);
            }
            int forces = disk.forces.get();
            TimeUnit.MILLISECONDS.sleep(2_500);
            assertThat(disk.forces.get())
                    .as("sealing was tried again meanwhile")
                    .isEqualTo(forces);
            Files.delete(sealed);
            stream.end();
        }
        assertThat(LogFixture.records(fixture.seals())).isEqualTo(30);
    }

    /** What one stream's damaged file keeps from being shipped keeps no other. */
    @Test
    void aSealedSegmentThatCannotBeReadStopsItsStreamAlone() throws Exception {
        AccessLogConfig two =
                AccessLogConfig.of(folder.resolve("data"), "edge-1", 2).withSegmentBytes(64 << 10);
        Files.writeString(folder.resolve("landing"), "in the way");
        try (AccessLog log = fixture.open(two)) {
            fixture.append(log.stream(0), 5);
            fixture.append(log.stream(1), 7);
            LogFixture.roll(log.stream(0));
            LogFixture.roll(log.stream(1));
            Waiting.until("both wait", () -> log.stats().waitingSegments() == 2);
            Path seal;
            try (Stream<Path> files = Files.walk(folder.resolve("data/sealed"))) {
                seal = files.filter(file -> file.endsWith("0/0/1.seal.json"))
                        .findFirst()
                        .orElseThrow();
            }
            byte[] whole = Files.readAllBytes(seal);
            Files.writeString(seal, "{");
            Files.delete(folder.resolve("landing"));
            Waiting.until("the other one is shipped", () -> log.stats().waitingSegments() == 1);
            Waiting.until(
                    "it is told",
                    () -> fixture.notices.stream()
                            .anyMatch(line -> line.startsWith("ALARM sealed segments of stream ")));
            assertThat(log.stats().landingDown()).isFalse();
            Files.write(seal, whole);
            log.stream(0).end();
            log.stream(1).end();
        }
        assertThat(LogFixture.records(fixture.seals())).isEqualTo(12);
    }

    @Test
    void anHourForthAndBackMovesNoRecordBack() throws Exception {
        try (AccessLog log = fixture.open(fixture.config("data"))) {
            LogStream stream = log.stream(0);
            fixture.append(stream, 3);
            fixture.micros.addAndGet(3_600_000_000L);
            fixture.append(stream, 3);
            LogFixture.roll(stream);
            fixture.micros.addAndGet(-3_600_000_000L);
            fixture.append(stream, 3);
            stream.end();
        }
        List<Seal> seals = fixture.seals();
        assertThat(LogFixture.sequence(fixture.landing(), seals)).hasSize(9);
        assertThat(seals.get(1).records().firstMicros())
                .isGreaterThanOrEqualTo(seals.get(0).throughMicros());
        assertThat(seals.get(0).clockStepMicros()).isZero();
        assertThat(seals.get(1).clockStepMicros()).isBetween(3_599_999_000L, 3_600_000_000L);
    }

    private static void overwrite(Path file, byte[] bytes) throws Exception {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes));
        }
    }
}
