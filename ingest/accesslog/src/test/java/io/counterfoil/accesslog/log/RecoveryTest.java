package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.Unlogged;
import io.counterfoil.accesslog.testing.Waiting;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What a next start finds of a process or a machine that died, and seals of it. */
final class RecoveryTest {
    private static final Duration SOON = Duration.ofMillis(5);

    @TempDir
    Path folder;

    private LogFixture fixture;

    @BeforeEach
    void fixture() {
        fixture = new LogFixture(folder);
    }

    /** The data folder of a process that died after so many records, and requests served without one. */
    private Path deadAfter(int records, int unrecorded) throws Exception {
        AccessLogConfig config = fixture.config("data");
        try (AccessLog log = fixture.open(config)) {
            fixture.append(log.stream(0), records);
            for (int i = 0; i < unrecorded; i++) {
                log.stream(0).countServed();
            }
            Path dead = LogFixture.copy(config.folder(), folder.resolve("dead"));
            log.stream(0).end();
            return dead;
        }
    }

    @Test
    void recordsThatTheFileLostBeforeTheProcessDiedAreCountedByTheNextOne() throws Exception {
        Path dead = deadAfter(100, 0);
        Path active = LogFixture.file(dead, "segment-0.csv");
        byte[] bytes = Files.readAllBytes(active);
        bytes[2000] = 0;
        Files.write(active, bytes);

        Seal seal = recovered("dead");
        assertThat(seal.recovery().orElseThrow().loss()).isEqualTo("none");
        assertThat(seal.unlogged().lost())
                .isPositive()
                .isEqualTo(100 - seal.records().count());
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
        Waiting.until("all of it is forced", () -> LogFixture.forcedSeq(controlFile, 1) == 150);
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
        Path dead = deadAfter(100, 0);
        crash(dead, "forced");
        Seal forced = recovered("forced");
        assertThat(forced.records().count()).isEqualTo(100);
        String epoch = forced.id().stream().epoch().toString();
        Path landed = folder.resolve("landing-forced");
        Path data;
        try (Stream<Path> files = Files.walk(landed)) {
            data = files.filter(file -> file.endsWith(epoch + "/0/0/1.csv.zst"))
                    .findFirst()
                    .orElseThrow();
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
    void aRequestServedWithoutARecordBeforeTheProcessDiedIsAlarmedByTheNextOne() throws Exception {
        deadAfter(5, 1);
        fixture.notices.clear();

        assertThat(recovered("dead").served()).isEqualTo(6);
        assertThat(fixture.notices)
                .anyMatch(line -> line.startsWith("ALARM segment ")
                        && line.endsWith("served 6 requests, but logged 5 and counted 0 as unlogged"));
    }

    @Test
    void aFolderWhoseEpochIsNotOnRecordIsRefusedAndKept() throws Exception {
        Path dead = deadAfter(5, 0);
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
}
