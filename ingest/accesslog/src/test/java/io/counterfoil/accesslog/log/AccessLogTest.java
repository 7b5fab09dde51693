package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.SegmentReader;
import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.record.RecordCursor;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.SealJson;
import io.counterfoil.accesslog.segment.CorruptSegmentException;
import io.counterfoil.accesslog.segment.VerifiedSegment;
import io.counterfoil.accesslog.testing.Waiting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class AccessLogTest {
    private static final RequestFacts FACTS =
            new RequestFacts(7, "items", "GET", 200, 0, 512, 99, 1, Decision.ADMITTED, "", "", "/v1/items/1");

    @TempDir
    Path folder;

    private final AtomicLong micros = new AtomicLong(1_700_000_000_000_000L);
    private final Queue<String> notices = new ConcurrentLinkedQueue<>();

    @Test
    void everyAppendedRecordIsLandedInOrderAndTheStreamsEnd() throws Exception {
        try (AccessLog log = open(2)) {
            append(log.stream(0), 100);
            roll(log.stream(0));
            append(log.stream(0), 50);
            append(log.stream(1), 7);
            end(log, 2);
        }

        List<Seal> first = seals(0);
        assertThat(sequence(first)).isEqualTo(numbers(150));
        assertThat(sequence(seals(1))).isEqualTo(numbers(7));
        Seal last = first.get(first.size() - 1);
        assertThat(last.endOfStream()).isTrue();
        assertThat(last.streams()).isEqualTo(2);
        assertThat(first.stream().mapToLong(Seal::served).sum()).isEqualTo(150);
        assertThat(first.get(1).previousSha256()).contains(first.get(0).sha256());
        assertThat(notices).isEmpty();
        assertThat(folder.resolve("data/sealed/segments/edge-1")).isDirectory();
    }

    @Test
    void aFullSegmentRollsByItself() throws Exception {
        AccessLogConfig small = config("data").withSegmentBytes(4096);
        try (AccessLog log = AccessLog.open(small, landing(), micros::get, notices::add)) {
            append(log.stream(0), 500);
            end(log, 1);
        }

        assertThat(seals(0)).hasSizeGreaterThan(5);
        assertThat(sequence(seals(0))).isEqualTo(numbers(500));
    }

    @Test
    void timeIsHeldWhenTheWallClockStepsBackAndTheSealSaysSo() throws Exception {
        try (AccessLog log = open(1)) {
            append(log.stream(0), 1);
            micros.addAndGet(-3_600_000_000L);
            append(log.stream(0), 1);
            end(log, 1);
        }
        Seal seal = seals(0).get(0);
        assertThat(seal.clockStepMicros()).isBetween(3_599_000_000L, 3_600_000_000L);
        assertThat(seal.records().lastMicros())
                .isGreaterThanOrEqualTo(seal.records().firstMicros());
        assertThat(seal.throughMicros()).isGreaterThanOrEqualTo(seal.records().lastMicros());
        assertThat(notices).anyMatch(line -> line.contains("stepped back"));
    }

    @Test
    void anIdleStreamSealsEmptyOnceAMinute() throws Exception {
        try (AccessLog log = open(1)) {
            roll(log.stream(0));
            micros.addAndGet(61_000_000);
            roll(log.stream(0));
            end(log, 1);
        }

        List<Seal> seals = seals(0);
        assertThat(seals).hasSize(2);
        assertThat(seals.get(0).records().count()).isZero();
        assertThat(seals.get(0).throughMicros()).isGreaterThanOrEqualTo(1_700_000_061_000_000L);
    }

    @Test
    void aRequestServedWithoutARecordIsAlarmed() throws Exception {
        try (AccessLog log = open(1)) {
            append(log.stream(0), 3);
            log.stream(0).countServed();
            end(log, 1);
        }

        assertThat(notices).anyMatch(line -> line.contains("served 4 requests, but logged 3"));
    }

    @Test
    void oneFolderHoldsOneEdge() throws Exception {
        try (AccessLog log = open(1)) {
            assertThatThrownBy(() -> open(1))
                    .isInstanceOf(FolderInUseException.class)
                    .hasMessageContaining("is in use by another edge");
            end(log, 1);
        }
        AccessLogConfig other = AccessLogConfig.of(folder.resolve("data"), "edge-2", 1);
        assertThatThrownBy(() -> AccessLog.open(other, landing(), micros::get, notices::add))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("belongs to edge 'edge-1'");
    }

    /** The state of a killed process at every byte of its last append: a copy of the folder with the file cut there. */
    @Test
    void theLongestValidPrefixIsSealedWhereverTheAppendWasCut() throws Exception {
        Path active = folder.resolve("killed");
        long lineStart;
        long lineEnd;
        AccessLog log = AccessLog.open(AccessLogConfig.of(active, "edge-1", 1), landing(), micros::get, notices::add);
        append(log.stream(0), 4);
        Path segment = segmentFile(active);
        lineStart = used(segment);
        append(log.stream(0), 1);
        lineEnd = used(segment);
        byte[] whole = Files.readAllBytes(segment);
        Path template = LogFixture.copy(active, folder.resolve("template"));
        end(log, 1);
        log.close();

        for (long cut = lineStart; cut <= lineEnd; cut += cut < lineEnd - 3 ? 7 : 1) {
            Path dead = LogFixture.copy(template, folder.resolve("dead-" + cut));
            byte[] torn = whole.clone();
            java.util.Arrays.fill(torn, (int) cut, torn.length, (byte) 0);
            Files.write(segmentFile(dead), torn);
            FolderLanding landing = new FolderLanding(folder.resolve("landing-" + cut));
            AccessLog next = AccessLog.open(AccessLogConfig.of(dead, "edge-1", 1), landing, micros::get, notices::add);
            end(next, 1);
            next.close();

            long expected = cut == lineEnd ? 5 : 4;
            StreamId stream = landing.streams().get(0);
            Seal recovered = landing.sealsAfter(stream, 0, 10).get(0);
            assertThat(recovered.records().count()).as("cut at " + cut).isEqualTo(expected);
            assertThat(recovered.recovery().orElseThrow().loss()).isEqualTo("none");
            assertThat(recovered.recovery().orElseThrow().cutBytes()).isEqualTo(cut == lineEnd ? 0 : cut - lineStart);
            assertThat(recovered.endOfStream()).isTrue();
            StreamId successor = landing.streams().get(1);
            Seal first = landing.sealsAfter(successor, 0, 10).get(0);
            assertThat(first.predecessor().orElseThrow().epoch()).isEqualTo(stream.epoch());
            assertThat(first.predecessor().orElseThrow().lastSeqs()).containsExactly(expected);
            assertThat(first.id().stream().epoch()).isGreaterThan(stream.epoch());
        }
    }

    /** After power loss a segment may be gone whole though the next one is there, and an epoch keeps its predecessor. */
    @Test
    void aSegmentThatIsGoneIsSealedEmptyAndTheNextOnesRecordsAreKept() throws Exception {
        Path data = folder.resolve("data");
        try (AccessLog log = open(1)) {
            append(log.stream(0), 2);
            end(log, 1);
        }
        Epoch before = landing().streams().get(0).epoch();
        AccessLogConfig small = config("data").withSegmentBytes(4096);
        AccessLog log = AccessLog.open(small, landing(), micros::get, notices::add);
        // What the epoch before had sealed is shipped and cleared at the start; only then does the folder hold still
        // for a copy.
        Path shipped = data.resolve("sealed/segments/edge-1/" + before);
        Waiting.until("the epoch before is cleared", () -> !Files.exists(shipped));
        // A folder in the landing's place: nothing can be sealed, as where the machine dies before.
        Path sealed = data.resolve("sealed/segments/edge-1/" + log.epoch());
        Files.createDirectories(sealed.getParent());
        Files.writeString(sealed, "in the way");
        append(log.stream(0), 60);
        Path dead = LogFixture.copy(data, folder.resolve("dead"));
        Files.delete(sealed);
        end(log, 1);
        log.close();
        Files.delete(dead.resolve("sealed/segments/edge-1/" + log.epoch()));
        Path first = segmentFile(dead);
        Files.write(first, new byte[4096]);
        FolderLanding landing = new FolderLanding(folder.resolve("landing-dead"));
        AccessLog next = AccessLog.open(AccessLogConfig.of(dead, "edge-1", 1), landing, micros::get, notices::add);
        end(next, 1);
        next.close();

        StreamId stream = landing.streams().get(0);
        List<Seal> seals = landing.sealsAfter(stream, 0, 10);
        assertThat(seals.get(0).records().count()).isZero();
        assertThat(seals.get(1).records().firstSeq()).isGreaterThan(1);
        assertThat(seals.get(seals.size() - 1).records().lastSeq()).isEqualTo(60);
        assertThat(seals)
                .allMatch(seal -> seal.predecessor().orElseThrow().epoch().equals(before));
        for (Seal seal : seals) {
            assertThat(new SegmentReader(landing).read(seal).seal()).isEqualTo(seal);
        }
    }

    @Test
    void noRecordIsEarlierThanTheSealsBeforeItPromised() throws Exception {
        AtomicLong running = new AtomicLong(1_700_000_000_000_000L);
        AccessLogConfig small = config("data").withSegmentBytes(4096);
        try (AccessLog log = AccessLog.open(small, landing(), running::incrementAndGet, notices::add)) {
            for (int i = 0; i < 500; i++) {
                Waiting.until("a segment is ready", log.stream(0)::ready);
                log.stream(0).append(FACTS);
                log.stream(0).countServed();
            }
            end(log, 1);
        }
        List<Seal> seals = seals(0);
        for (int i = 1; i < seals.size(); i++) {
            if (seals.get(i).records().count() > 0) {
                assertThat(seals.get(i).records().firstMicros())
                        .isGreaterThanOrEqualTo(seals.get(i - 1).throughMicros());
            }
        }
        assertThat(seals).hasSizeGreaterThan(5);
    }

    @Test
    void sealsReadBackAsTheyWereWritten() throws Exception {
        try (AccessLog log = open(1)) {
            append(log.stream(0), 3);
            end(log, 1);
        }
        Seal seal = seals(0).get(0);

        assertThat(SealJson.read(SealJson.write(seal))).isEqualTo(seal);
        assertThatThrownBy(() -> SealJson.read("{\"format\":2}".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .hasMessageContaining("seal format is 2, expected 1");
    }

    @Test
    void anyChangedByteOfASegmentIsRejected() throws Exception {
        try (AccessLog log = open(1)) {
            append(log.stream(0), 5);
            end(log, 1);
        }
        Seal seal = seals(0).get(0);
        byte[] csv = io.counterfoil.accesslog.landing.Zstd.decompress(
                landing().data(seal.id()).orElseThrow());
        for (int i = 0; i < csv.length; i++) {
            byte[] changed = csv.clone();
            changed[i] ^= 1;
            assertThatThrownBy(() -> VerifiedSegment.verify(seal, changed)).isInstanceOf(CorruptSegmentException.class);
            byte[] cut = java.util.Arrays.copyOf(csv, i);
            assertThatThrownBy(() -> VerifiedSegment.verify(seal, cut)).isInstanceOf(CorruptSegmentException.class);
        }
    }

    @Test
    void aLandedSegmentIsNeverReplaced() throws Exception {
        try (AccessLog log = open(1)) {
            append(log.stream(0), 5);
            end(log, 1);
        }
        Seal seal = seals(0).get(0);
        FolderLanding landing = landing();
        byte[] data = landing.data(seal.id()).orElseThrow();
        byte[] other = io.counterfoil.accesslog.landing.Zstd.compress(new byte[] {1, 2, 3});
        Seal forged = new Seal(
                seal.id(),
                1,
                seal.records(),
                5,
                seal.unlogged(),
                0,
                0,
                3,
                io.counterfoil.accesslog.file.Digests.sha256(new byte[] {1, 2, 3}),
                java.util.Optional.empty(),
                java.util.Optional.empty(),
                false,
                java.util.Optional.empty(),
                java.util.Optional.empty());

        landing.publish(seal, data, java.util.Optional.empty());
        assertThatThrownBy(() -> landing.publish(forged, other, java.util.Optional.empty()))
                .isInstanceOf(io.counterfoil.accesslog.landing.LandingConflictException.class);
        assertThat(landing.data(seal.id()).orElseThrow()).isEqualTo(data);
    }

    @Test
    void epochsSortAsTheirTexts() {
        Epoch older = new Epoch(999, -1);
        Epoch newer = new Epoch(1_700_000_000, 5);

        assertThat(older).isLessThan(newer);
        assertThat(older.toString()).isLessThan(newer.toString()).isEqualTo("0000000999-ffffffffffffffff");
        assertThat(Epoch.parse(newer.toString())).isEqualTo(newer);
        assertThat(new SegmentId(new StreamId("e", newer, 0), 9).toString())
                .isEqualTo("e/1700000000-0000000000000005/0/9");
    }

    private AccessLog open(int streams) throws IOException, FolderInUseException {
        AccessLogConfig config = AccessLogConfig.of(folder.resolve("data"), "edge-1", streams);
        return AccessLog.open(config, landing(), micros::get, notices::add);
    }

    private AccessLogConfig config(String data) {
        return AccessLogConfig.of(folder.resolve(data), "edge-1", 1);
    }

    private FolderLanding landing() {
        return new FolderLanding(folder.resolve("landing"));
    }

    private void append(LogStream stream, int count) {
        for (int i = 0; i < count; i++) {
            micros.addAndGet(10);
            Waiting.until("a segment is ready", stream::ready);
            assertThat(stream.append(FACTS)).isTrue();
            stream.countServed();
        }
    }

    private static void roll(LogStream stream) {
        Waiting.until("a segment is ready", stream::canRoll);
        stream.rollIfDue(60_000_000);
    }

    private static void end(AccessLog log, int streams) {
        for (int i = 0; i < streams; i++) {
            log.stream(i).end();
        }
    }

    private List<Seal> seals(int stream) throws IOException {
        for (StreamId id : landing().streams()) {
            if (id.stream() == stream) {
                return landing().sealsAfter(id, 0, Integer.MAX_VALUE);
            }
        }
        return List.of();
    }

    private List<Long> sequence(List<Seal> seals) throws Exception {
        List<Long> sequence = new ArrayList<>();
        for (Seal seal : seals) {
            RecordCursor cursor = new SegmentReader(landing()).read(seal).cursor();
            while (cursor.next()) {
                sequence.add(cursor.seq());
            }
        }
        return sequence;
    }

    private static List<Long> numbers(long count) {
        return Stream.iterate(1L, n -> n + 1).limit(count).toList();
    }

    private static Path segmentFile(Path data) throws IOException {
        try (Stream<Path> files = Files.walk(data.resolve("streams"))) {
            return files.filter(file -> String.valueOf(file.getFileName()).equals("segment-0.csv"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static long used(Path segment) throws IOException {
        byte[] bytes = Files.readAllBytes(segment);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] == 0) {
            end--;
        }
        return end;
    }
}
