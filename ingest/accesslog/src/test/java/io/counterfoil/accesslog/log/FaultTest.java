package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.Unlogged;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
    void recordsThatTheFileLostBeforeTheProcessDiedAreCountedByTheNextOne() throws Exception {
        AccessLogConfig config = fixture.config("data");
        AccessLog log = fixture.open(config);
        fixture.append(log.stream(0), 100);
        Path dead = LogFixture.copy(config.folder(), folder.resolve("dead"));
        log.stream(0).end();
        log.close();
        Path active = LogFixture.file(dead, "segment-0.csv");
        byte[] bytes = Files.readAllBytes(active);
        bytes[2000] = 0;
        Files.write(active, bytes);

        FolderLanding landing = new FolderLanding(folder.resolve("landing-2"));
        AccessLog next = fixture.open(fixture.config("dead"), landing, Disk.REAL);
        next.stream(0).end();
        next.close();

        Seal seal = LogFixture.seals(landing).get(0);
        assertThat(seal.recovery().orElseThrow().loss()).isEqualTo("none");
        assertThat(seal.unlogged().lost())
                .isPositive()
                .isEqualTo(100 - seal.records().count());
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
    void afterAMachineCrashEverythingForcedIsThereAndTheSealSaysSinceWhen() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        AccessLogConfig config = fixture.config("data").withForceEvery(SOON);
        AccessLog log = fixture.open(config);
        LogStream stream = log.stream(0);
        fixture.append(stream, 150);
        Path controlFile = LogFixture.file(config.folder(), "control");
        Waiting.until("all of it is forced", () -> forcedSeq(controlFile, 1) == 150);
        long forcedMicros = fixture.micros.get();
        byte[] forced = Files.readAllBytes(LogFixture.file(config.folder(), "segment-0.csv"));
        byte[] control = Files.readAllBytes(controlFile);
        fixture.append(stream, 300);
        Path dead = LogFixture.copy(config.folder(), folder.resolve("dead"));
        byte[] last = Files.readAllBytes(LogFixture.file(dead, "segment-0.csv"));
        stream.end();
        log.close();

        for (int round = 0; round < 20; round++) {
            Path crashed = crash(dead, "crashed-" + round);
            byte[] disk = forced.clone();
            for (int page = 0; page < disk.length; page += 4096) {
                // The kernel may have written any of the pages since.
                if (random.nextBoolean()) {
                    System.arraycopy(last, page, disk, page, 4096);
                }
            }
            Files.write(LogFixture.file(crashed, "segment-0.csv"), disk);
            Files.write(LogFixture.file(crashed, "control"), control);
            Seal seal = recovered("crashed-" + round);

            assertThat(seal.records().count()).as("seed " + seed).isBetween(150L, 450L);
            assertThat(seal.recovery().orElseThrow().loss())
                    .isEqualTo("since " + Instant.ofEpochSecond(0, forcedMicros * 1000));
            assertThat(seal.recovery().orElseThrow().forcedLost()).isZero();
            assertThat(seal.unlogged()).isEqualTo(Unlogged.NONE);
        }

        // And a disk that did not keep its word.
        Path lying = crash(dead, "lying");
        byte[] less = forced.clone();
        less[5000] = 0;
        Files.write(LogFixture.file(lying, "segment-0.csv"), less);
        Files.write(LogFixture.file(lying, "control"), control);
        Seal seal = recovered("lying");
        assertThat(seal.recovery().orElseThrow().forcedLost())
                .isPositive()
                .isEqualTo(150 - seal.records().count());
        assertThat(fixture.notices)
                .anyMatch(
                        line -> line.contains("but seq 150 had been forced") && line.contains("Do not trust the disk"));
    }

    /** The sealed data is synced, its seal is not there yet, and the file it was made of was never forced. */
    @Test
    void aMachineThatDiesBetweenSealedDataAndItsSealLosesNothingOfIt() throws Exception {
        AccessLogConfig config = fixture.config("data");
        AccessLog log = fixture.open(config);
        fixture.append(log.stream(0), 100);
        Path dead = LogFixture.copy(config.folder(), folder.resolve("dead"));
        log.stream(0).end();
        log.close();
        crash(dead, "forced");
        assertThat(recovered("forced").records().count()).isEqualTo(100);
        Path landed = folder.resolve("landing-forced");
        Path data;
        try (Stream<Path> files = Files.walk(landed)) {
            data = files.filter(file -> file.endsWith("1.csv.zst")).findFirst().orElseThrow();
        }

        for (String content : List.of("whole", "torn")) {
            Path crashed = crash(dead, "crashed-" + content);
            Path active = LogFixture.file(crashed, "segment-0.csv");
            byte[] bytes = Files.readAllBytes(active);
            Arrays.fill(bytes, 3000, bytes.length, (byte) 0);
            Files.write(active, bytes);
            Path unsealed = crashed.resolve("sealed").resolve(landed.relativize(data));
            Files.createDirectories(unsealed.getParent());
            byte[] zst = Files.readAllBytes(data);
            Files.write(unsealed, content.equals("whole") ? zst : Arrays.copyOf(zst, zst.length / 2));

            Seal seal = recovered("crashed-" + content);
            if (content.equals("whole")) {
                assertThat(seal.records().count()).isEqualTo(100);
            } else {
                assertThat(seal.records().count()).isBetween(1L, 99L);
                assertThat(fixture.notices).anyMatch(line -> line.contains("its sealed data is not whole"));
            }
        }
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
                Waiting.until("segment " + number + " is forced", () -> forcedSeq(control, last) == 10L * last);
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

    @Test
    void aRequestServedWithoutARecordBeforeTheProcessDiedIsAlarmedByTheNextOne() throws Exception {
        AccessLogConfig config = fixture.config("data");
        AccessLog log = fixture.open(config);
        fixture.append(log.stream(0), 5);
        log.stream(0).countServed();
        LogFixture.copy(config.folder(), folder.resolve("dead"));
        log.stream(0).end();
        log.close();
        fixture.notices.clear();

        assertThat(recovered("dead").served()).isEqualTo(6);
        assertThat(fixture.notices)
                .anyMatch(line -> line.startsWith("ALARM segment ")
                        && line.endsWith("served 6 requests, but logged 5 and counted 0 as unlogged"));
    }

    @Test
    void aFolderWhoseEpochIsNotOnRecordIsRefusedAndKept() throws Exception {
        AccessLogConfig config = fixture.config("data");
        AccessLog log = fixture.open(config);
        fixture.append(log.stream(0), 5);
        Path dead = LogFixture.copy(config.folder(), folder.resolve("dead"));
        log.stream(0).end();
        log.close();
        byte[] epoch = Files.readAllBytes(dead.resolve("epoch.json"));

        Files.delete(dead.resolve("epoch.json"));
        assertThatThrownBy(() -> recovered("dead"))
                .isInstanceOf(CorruptFolderException.class)
                .hasMessageContaining("epoch.json is gone");
        Files.writeString(
                dead.resolve("epoch.json"), new String(epoch, UTF_8).replace("\"streams\":1", "\"streams\":0"));
        assertThatThrownBy(() -> recovered("dead"))
                .isInstanceOf(CorruptFolderException.class)
                .hasMessageContaining("field 'streams' is '0'");
        Files.write(dead.resolve("epoch.json"), epoch);
        assertThat(recovered("dead").records().count()).isEqualTo(5);
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

    private static long forcedSeq(Path control, int segment) {
        try {
            // The second page's slot of a segment, as ControlPage draws it.
            return ByteBuffer.wrap(Files.readAllBytes(control)).getLong(4096 + segment * 64 + 8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path crash(Path dead, String name) throws Exception {
        Path crashed = LogFixture.copy(dead, folder.resolve(name));
        Path epoch = crashed.resolve("epoch.json");
        Files.writeString(
                epoch, Files.readString(epoch).replaceAll("\"boot_id\":\"[^\"]*\"", "\"boot_id\":\"before\""));
        return crashed;
    }

    private Seal recovered(String data) throws Exception {
        FolderLanding landing = new FolderLanding(folder.resolve("landing-" + data));
        try (AccessLog next = fixture.open(fixture.config(data), landing, Disk.REAL)) {
            next.stream(0).end();
        }
        return LogFixture.seals(landing).get(0);
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
