package io.counterfoil.accesslog.collected;

import io.counterfoil.accesslog.collected.CollectedBatch.CollectedRecord;
import io.counterfoil.accesslog.collected.CollectedBatch.Reject;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.SegmentReader;
import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.CollectedRange;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.SealJson;
import io.counterfoil.accesslog.testing.Waiting;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Batches on a real disk: which count, which wait, and what a disk that fails does to them. */
final class CollectedLogTest {
    private Duration sealAfter = Duration.ofMillis(20);

    @TempDir
    Path folder;

    private final List<String> notices = new CopyOnWriteArrayList<>();
    private final Map<String, Long> known = new ConcurrentHashMap<>(Map.of(Batches.KEY, Batches.KEY_ID));
    private CountedBatches counted = CountedBatches.NONE;
    private Clock clock = Clock.systemUTC();

    private CollectedLog open(Journal.Force force) throws IOException {
        return CollectedLog.open(
                new CollectedLogConfig(folder.resolve("collector"), Set.of(Batches.SOURCE), sealAfter, 1L << 30),
                landing(),
                sha256 -> known.getOrDefault(sha256, KeyNumbers.UNKNOWN),
                clock,
                counted,
                notices::add,
                force);
    }

    private CollectedLog open() throws IOException {
        return open(Journal.Force.REAL);
    }

    private FolderLanding landing() {
        return new FolderLanding(folder.resolve("landing"));
    }

    private static TakenBatch take(CollectedLog log, CollectedBatch batch) throws Exception {
        return log.take(Batches.SOURCE, batch).get(30, TimeUnit.SECONDS);
    }

    private List<CollectedRange> ranges() throws Exception {
        return Batches.seals(landing()).stream()
                .map(seal -> seal.source().orElseThrow().collected().orElseThrow())
                .toList();
    }

    @Test
    void theSameBatchCountsOnceAlsoAfterItsSegmentWasSealedAndTheProcessBegunAnew() throws Exception {
        BatchId id = new BatchId("a", 1);
        try (CollectedLog log = open()) {
            assertThat(take(log, Batches.of(id, 4))).isEqualTo(new TakenBatch(4, 0, false));
            assertThat(take(log, Batches.of(id, 4))).isEqualTo(new TakenBatch(0, 0, true));
            Waiting.until("it is landed", () -> log.stats().batches() == 1 && landedSegments() == 1);
            assertThat(take(log, Batches.of(id, 4)).duplicate()).isTrue();
        }
        try (CollectedLog log = open()) {
            assertThat(take(log, Batches.of(id, 4)).duplicate()).isTrue();
            assertThat(take(log, Batches.of(new BatchId("a", 3), 2)).duplicate())
                    .isFalse();
            assertThat(log.stats().duplicates()).isEqualTo(1);
        }
        assertThat(Batches.records(landing())).hasSize(6);
        assertThat(ranges())
                .containsExactly(
                        new CollectedRange(List.of(new CollectedRange.Batches("a", 1, 1)), 0, 0),
                        new CollectedRange(List.of(new CollectedRange.Batches("a", 3, 3)), 0, 0));
        for (Seal seal : Batches.seals(landing())) {
            assertThat(SealJson.read(SealJson.write(seal))).isEqualTo(seal);
        }
    }

    private int landedSegments() {
        try {
            return Batches.seals(landing()).size();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void recordsOfAKeyThatNobodyKnowsWaitAndAreReleasedOnceItIsKnown() throws Exception {
        try (CollectedLog log = open()) {
            assertThat(take(log, Batches.of(new BatchId("a", 1), 10))).isEqualTo(new TakenBatch(10, 2, false));
            Waiting.until("their key is told", () -> log.heldKeys(10).equals(Set.of(Batches.UNKNOWN_KEY)));
        }
        assertThat(Batches.records(landing())).hasSize(8);
        try (CollectedLog log = open()) {
            Waiting.until("they still wait", () -> log.stats().held() == 2);
            known.put(Batches.UNKNOWN_KEY, 9L);
            log.keysChanged();
            Waiting.until("none waits", () -> log.stats().held() == 0);
        }
        List<LogRecord> records = Batches.records(landing());
        assertThat(records).hasSize(10);
        assertThat(records.stream()
                        .filter(record -> record.facts().keyId() == 9)
                        .map(record -> record.facts().requestId()))
                .containsExactly("a-1-4", "a-1-9");
        assertThat(ranges().stream().map(CollectedRange::held)).containsExactly(2L, -2L);
        assertThat(notices).anyMatch(line -> line.contains("2 records of shop had waited for their key"));
    }

    @Test
    void whoWasTurnedAwayForItsKeyHasNoneAndWaitsForNothing() throws Exception {
        try (CollectedLog log = open()) {
            CollectedRecord record = Batches.record(1, "r", Batches.UNKNOWN_KEY, Decision.UNAUTHORIZED);
            CollectedBatch batch = new CollectedBatch(new BatchId("a", 1), 0, List.of(record), List.of());
            assertThat(take(log, batch)).isEqualTo(new TakenBatch(1, 0, false));
        }
        assertThat(Batches.records(landing())).allMatch(record -> record.facts().keyId() == 0);
    }

    @Test
    void whatWaitedForTooLongIsARejectAndNotSilence() throws Exception {
        try (CollectedLog log = open()) {
            take(log, Batches.of(new BatchId("a", 1), 5));
        }
        clock = Clock.fixed(Instant.now().plus(Duration.ofDays(400)), ZoneOffset.UTC);
        try (CollectedLog log = open()) {
            Waiting.until("it is given up", () -> landedSegments() == 2);
        }
        Seal last = Batches.seals(landing()).get(1);
        assertThat(new String(new SegmentReader(landing()).rejects(last).orElseThrow(), StandardCharsets.UTF_8))
                .contains("record a/1/0: nobody told its key within 35 days");
        assertThat(last.source().orElseThrow().collected().orElseThrow().held()).isEqualTo(-1);
    }

    @Test
    void aFolderThatWasLostLearnsWhatWasCounted() throws Exception {
        counted = (source, to) -> to.run("a", 1, 3);
        try (CollectedLog log = open()) {
            assertThat(take(log, Batches.of(new BatchId("a", 3), 3)).duplicate())
                    .isTrue();
            assertThat(take(log, Batches.of(new BatchId("a", 4), 3)).duplicate())
                    .isFalse();
        }
        counted = (source, to) -> to.run("a", 5, 5);
        try (CollectedLog log = open()) {
            assertThat(take(log, Batches.of(new BatchId("a", 5), 3)).duplicate())
                    .as("a folder that is not new knows for itself")
                    .isFalse();
        }
    }

    @Test
    void whatFillsAHoleIsTakenHoweverManyThereAre() {
        NumberRanges numbers = new NumberRanges();
        for (long number = 2; number <= 40; number += 2) {
            assertThat(numbers.isApart(number)).isEqualTo(true);
            numbers.add(number, number);
        }
        assertThat(numbers.size()).isEqualTo(20);
        assertThat(numbers.isApart(43)).isTrue();
        assertThat(numbers.isApart(3)).isFalse();
        assertThat(numbers.isApart(41)).isFalse();
        assertThat(numbers.isApart(4)).isFalse();
        for (long number = 3; number <= 39; number += 2) {
            numbers.add(number, number);
        }
        assertThat(numbers.size()).isEqualTo(1);
        numbers.remove(20);
        assertThat(numbers.size()).isEqualTo(2);
        assertThat(numbers.contains(20)).isFalse();
        assertThat(numbers.contains(19) && numbers.contains(21)).isTrue();
    }

    @Test
    void anInstanceWhoseNumbersAreNoCountIsToldSoUntilItsHolesAreFilled() throws Exception {
        counted = (source, to) -> {
            for (long i = 1; i <= Identities.MAX_RUNS; i++) {
                to.run("a", 2 * i, 2 * i);
            }
        };
        try (CollectedLog log = open()) {
            CompletableFuture<TakenBatch> refused =
                    log.take(Batches.SOURCE, Batches.of(new BatchId("a", 1_000_000), 1));
            assertThatThrownBy(() -> refused.get(30, TimeUnit.SECONDS))
                    .hasRootCauseInstanceOf(CollectorBusyException.class)
                    .hasMessageContaining("they are to count 1, 2, 3");
            assertThat(take(log, Batches.of(new BatchId("a", 3), 1)).duplicate())
                    .isFalse();
            assertThat(take(log, Batches.of(new BatchId("a", 1_000_000), 1)).duplicate())
                    .isFalse();
            assertThat(take(log, Batches.of(new BatchId("b", 1), 1)).duplicate())
                    .isFalse();
        }
    }

    @Test
    void rejectsSayWhichBatchAndLineTheyWere() throws Exception {
        try (CollectedLog log = open()) {
            CollectedBatch batch = new CollectedBatch(
                    new BatchId("a", 1),
                    -5_000_000,
                    Batches.of(new BatchId("a", 1), 1).records(),
                    List.of(new Reject(2, 17, "status is 7, expected \"100\" to 999")));
            take(log, batch);
        }
        Seal seal = Batches.seals(landing()).get(0);
        assertThat(new String(new SegmentReader(landing()).rejects(seal).orElseThrow(), StandardCharsets.UTF_8))
                .matches("2,\\d+,17,\"batch a/1: status is 7, expected \"\"100\"\" to 999\"\n");
        assertThat(ranges().get(0).skewMicros()).isEqualTo(-5_000_000);
    }

    @Test
    void aForceThatFailsTellsNobodyThatItsBatchesAreTakenAndTheyMayComeAgain() throws Exception {
        // Or the third force may be the next journal's.
        sealAfter = Duration.ofMinutes(1);
        AtomicInteger forces = new AtomicInteger();
        // The first is of the journal's first line.
        Journal.Force third = file -> {
            if (forces.incrementAndGet() == 3) {
                throw new IOException("a disk that fails");
            }
            file.force(false);
        };
        try (CollectedLog log = open(third)) {
            take(log, Batches.of(new BatchId("a", 1), 5));
            CompletableFuture<TakenBatch> failed = log.take(Batches.SOURCE, Batches.of(new BatchId("a", 2), 5));
            assertThatThrownBy(() -> failed.get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(CollectorBusyException.class);
            assertThat(take(log, Batches.of(new BatchId("a", 2), 5))).isEqualTo(new TakenBatch(5, 1, false));
            known.put(Batches.UNKNOWN_KEY, 9L);
            log.keysChanged();
            Waiting.until("none waits", () -> log.stats().held() == 0);
            assertThat(log.stats().failedForces()).isEqualTo(1);
        }
        assertThat(Batches.records(landing()).stream()
                        .map(record -> record.facts().requestId()))
                .containsExactlyInAnyOrder(
                        "a-1-0", "a-1-1", "a-1-2", "a-1-3", "a-1-4", "a-2-0", "a-2-1", "a-2-2", "a-2-3", "a-2-4");
        assertThat(notices).anyMatch(line -> line.startsWith("ALARM collector: what shop had posted"));
    }

    @Test
    void aTornGroupAtTheEndIsCutAndWhatIsBeforeItStays() throws Exception {
        try (CollectedLog log = open()) {
            take(log, Batches.of(new BatchId("a", 1), 3));
        }
        SourceFolder source = SourceFolder.open(folder.resolve("collector"), Batches.SOURCE, Instant.now());
        FolderLanding sealed = new FolderLanding(folder.resolve("collector/sealed"));
        long number = sealed.lastSeal(source.stream()).orElseThrow().id().number() + 1;
        Journal journal =
                Journal.create(new SegmentId(source.stream(), number), source.journal(number), 4, Journal.Force.REAL);
        write(journal, new BatchId("a", 2));
        long whole = journal.bytes();
        write(journal, new BatchId("a", 3));
        long all = journal.bytes();
        journal.close();
        for (long cut = whole; cut < all; cut += 37) {
            byte[] file = Files.readAllBytes(source.journal(number));
            JournalContent content = JournalContent.of(journal.id(), Arrays.copyOf(file, (int) cut), 4);
            assertThat(content.batches()).containsExactly(new CollectedRange.Batches("a", 2, 2));
            assertThat((long) content.bytes()).isEqualTo(whole);
        }
        try (RandomAccessFile file = new RandomAccessFile(source.journal(number).toFile(), "rw")) {
            file.setLength(all - 5);
        }
        try (CollectedLog log = open()) {
            assertThat(take(log, Batches.of(new BatchId("a", 2), 3)).duplicate())
                    .isTrue();
            assertThat(take(log, Batches.of(new BatchId("a", 3), 3)).duplicate())
                    .isFalse();
        }
        assertThat(Batches.records(landing())).hasSize(9);
        assertThat(Batches.seals(landing()).get(1).recovery().orElseThrow().cutBytes())
                .isEqualTo(all - 5 - whole);
    }

    private static void write(Journal journal, BatchId id) throws IOException {
        journal.begin();
        Batches.of(id, 3).records().forEach(record -> journal.record(record, Batches.KEY_ID));
        journal.commit(id, 0);
        journal.force();
    }

    @Test
    void anyChangedByteOfAGroupKeepsItFromCounting() throws Exception {
        Path file = folder.resolve("journal-1");
        SegmentId id = new SegmentId(new StreamId("shop", new Epoch(1, 2), 0), 1);
        Journal journal = Journal.create(id, file, 1, Journal.Force.REAL);
        int header = (int) journal.bytes();
        write(journal, new BatchId("a", 1));
        journal.close();
        byte[] bytes = Files.readAllBytes(file);
        List<Integer> accepted = new ArrayList<>();
        for (int at = header; at < bytes.length; at++) {
            byte[] changed = bytes.clone();
            changed[at] ^= 1;
            if (!JournalContent.of(id, changed, 1).batches().isEmpty()) {
                accepted.add(at);
            }
        }
        assertThat(accepted).isEmpty();
    }

    @Test
    void aDiskWithoutRoomToSealTakesNothingUntilThereIsAgain() throws Exception {
        Path mount = Files.createDirectory(folder.resolve("collector"));
        Assumptions.assumeTrue(
                new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", mount.toString())
                                .start()
                                .waitFor()
                        == 0,
                "a tmpfs cannot be mounted here: run as root on Linux to have this tested");
        try (CollectedLog log = open()) {
            take(log, Batches.of(new BatchId("a", 1), 4));
            Path filler = mount.resolve("filler");
            Files.write(filler, new byte[60 << 20]);
            CompletableFuture<TakenBatch> refused = log.take(Batches.SOURCE, Batches.of(new BatchId("a", 2), 4));
            assertThatThrownBy(() -> refused.get(30, TimeUnit.SECONDS))
                    .hasRootCauseInstanceOf(CollectorBusyException.class)
                    .hasMessageContaining("are kept to seal with");
            Files.delete(filler);
            assertThat(take(log, Batches.of(new BatchId("a", 2), 4)).records()).isEqualTo(4);
        } finally {
            new ProcessBuilder("umount", "-l", mount.toString()).start().waitFor();
        }
        assertThat(Batches.records(landing())).hasSize(8);
        assertThat(notices).anyMatch(line -> line.equals("collector takes batches again"));
    }
}
