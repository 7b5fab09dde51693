package io.counterfoil.accesslog.inspect;

import io.counterfoil.accesslog.inspect.SegmentCheck.Verdict;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.Zstd;
import io.counterfoil.accesslog.log.AccessLog;
import io.counterfoil.accesslog.log.AccessLogConfig;
import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.segment.CorruptSegmentException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** On the log of a writer that runs. */
final class InspectTest {
    private static final RequestFacts FACTS =
            new RequestFacts(7, "items", "GET", 200, 0, 512, 99, 1, Decision.ADMITTED, "", "", "/v1/items/1");

    @TempDir
    Path folder;

    private final AtomicLong micros = new AtomicLong(1_700_000_000_000_000L);
    private FolderLanding landing;
    private SegmentLookup lookup;
    private AccessLog log;

    /** Two landed segments of 40 and 2 records, and an active one of 3. */
    @BeforeEach
    void writeSome() throws Exception {
        landing = new FolderLanding(folder.resolve("landing"));
        lookup = new SegmentLookup(landing);
        log = AccessLog.open(
                AccessLogConfig.of(folder.resolve("data"), "edge-1", 1), landing, micros::get, notice -> {});
        append(40);
        roll(1);
        append(2);
        roll(2);
        append(3);
    }

    @AfterEach
    void end() throws IOException {
        log.stream(0).end();
        log.close();
    }

    private void append(int count) {
        for (int i = 0; i < count; i++) {
            micros.addAndGet(1000);
            log.stream(0).append(FACTS);
        }
    }

    private void roll(int landed) throws Exception {
        micros.addAndGet(61_000_000);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (landing.streams().isEmpty()
                || landing.sealsAfter(landing.streams().get(0), 0, 100).size() < landed) {
            assertThat(System.nanoTime()).as("landed").isLessThan(deadline);
            // Until the next file is ready nothing is rolled; afterwards there is nothing to roll.
            log.stream(0).rollIfDue(60_000_000);
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    @Test
    void anActiveASealedAndALandedSegmentAreReadAlike() throws Exception {
        assertThat(seqs(lookup.find(active().toString()))).containsExactly(43L, 44L, 45L);
        assertThat(seqs(lookup.find(landed(2).toString()))).containsExactly(41L, 42L);
        Seal seal = landing.sealsAfter(landing.streams().get(0), 0, 1).get(0);
        assertThat(seqs(lookup.find(seal.id().toString()))).hasSize(40);
        for (String name :
                List.of(active().toString(), landed(1).toString(), landed(2).toString())) {
            assertThat(SegmentCheck.check(lookup.find(name)).fault()).as(name).isEmpty();
        }
        assertThat(SegmentCheck.check(lookup.find(landed(2).toString())).chain())
                .isEqualTo("follows segment 1");
        assertThat(SegmentCheck.check(lookup.find(active().toString())).chain()).isEqualTo("not sealed");
        assertThatThrownBy(() -> lookup.find("edge-1/nothing"))
                .hasMessageContaining("segment is 'edge-1/nothing', expected");
    }

    @Test
    void theWrongByteIsNamedWhereverItIs() throws Exception {
        byte[] csv = Zstd.decompress(Files.readAllBytes(landed(2)));
        for (int at = 0; at < csv.length; at++) {
            byte[] changed = csv.clone();
            changed[at] ^= 4;
            Files.write(landed(2), Zstd.compress(changed));
            Verdict verdict = SegmentCheck.check(lookup.find(landed(2).toString()));

            assertThat(verdict.fault()).as("byte " + at).isPresent();
            assertThat(verdict.fault().get()).as("byte " + at).contains("byte " + at + " is 0x");
        }
    }

    @Test
    void aCutSegmentAWrongSealAndABrokenChainAreFaults() throws Exception {
        byte[] whole = Files.readAllBytes(landed(2));
        byte[] csv = Zstd.decompress(whole);
        Files.write(landed(2), Zstd.compress(Arrays.copyOf(csv, csv.length - 1)));
        assertThat(fault(2)).contains("no line end");
        Files.write(landed(2), Arrays.copyOf(whole, whole.length / 2));
        assertThatThrownBy(() -> fault(2)).isInstanceOf(CorruptSegmentException.class);
        Files.write(landed(2), Files.readAllBytes(landed(1)));
        assertThat(fault(2)).contains("line 1: byte");
        Files.write(landed(2), whole);
        Path seal = landed(1).resolveSibling("1.seal.json");
        String json = Files.readString(seal);
        String sha256 =
                landing.sealsAfter(landing.streams().get(0), 0, 1).get(0).sha256();
        Files.writeString(seal, json.replace(sha256, "0".repeat(64)));
        assertThat(fault(1)).contains("the seal states 0000");
        assertThat(fault(2)).contains("previous_sha256 is " + sha256 + ", segment 1 has 0000");
    }

    private String fault(int number) throws Exception {
        return SegmentCheck.check(lookup.find(landed(number).toString()))
                .fault()
                .orElse("none");
    }

    @Test
    void aStrayByteBehindTheLogsEndIsAFault() throws Exception {
        Path copy = folder.resolve("segment-9.csv");
        byte[] bytes = Files.readAllBytes(active());
        bytes[bytes.length - 10] = 1;
        Files.write(copy, bytes);

        assertThat(SegmentCheck.check(lookup.find(copy.toString())).fault().orElse("none"))
                .contains("byte " + (bytes.length - 10) + " is not zero");
    }

    @Test
    void theTailGoesOnThroughSegmentsThatWereSealedAndClearedMeanwhile() throws Exception {
        StreamTail tail = new StreamTail(active(), landing);
        assertThat(tail.last(2)).extracting(LogRecord::seq).containsExactly(44L, 45L);
        assertThat(tail.next().records()).isEmpty();
        append(5);
        assertThat(tail.next().records()).extracting(LogRecord::seq).containsExactly(46L, 47L, 48L, 49L, 50L);
        append(5);
        roll(3);
        append(20);
        roll(4);
        append(1);
        List<Long> seen = new ArrayList<>();
        StreamTail.News news = tail.next();
        news.records().forEach(record -> seen.add(record.seq()));

        assertThat(news.missed()).isZero();
        assertThat(seen).isEqualTo(LongStream.rangeClosed(51, 76).boxed().toList());
    }

    @Test
    void eachStreamsStateIsWrittenSealedAndLanded() throws Exception {
        List<StreamStates.State> states = StreamStates.of(folder.resolve("data"), landing);

        assertThat(states).hasSize(1);
        StreamStates.State state = states.get(0);
        assertThat(state.lastSeq()).hasValue(45);
        assertThat(state.unsealed()).isEqualTo(3);
        assertThat(state.waiting()).isZero();
        assertThat(state.landed().map(seal -> seal.id().number())).contains(2L);
        assertThat(StreamStates.of(folder.resolve("nothing"), landing)).isEmpty();
    }

    private static List<Long> seqs(InspectedSegment segment) throws Exception {
        List<Long> seqs = new ArrayList<>();
        for (var cursor = segment.cursor(); cursor.next(); ) {
            seqs.add(cursor.seq());
        }
        return seqs;
    }

    private Path active() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("data/streams"))) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".csv")).toList()) {
                Optional<Path> found = Optional.of(file).filter(InspectTest::holdsASegment);
                if (found.isPresent()) {
                    return found.get();
                }
            }
        }
        throw new AssertionError("no active segment");
    }

    private static boolean holdsASegment(Path file) {
        try {
            return SegmentLookup.active(file).id().number() > 0;
        } catch (IOException | IllegalArgumentException | CorruptSegmentException e) {
            return false;
        }
    }

    @Test
    void aDamagedSealOrLineOneOrAnothersSealIsCorruptionAndNamed() throws Exception {
        Path data = landed(1);
        Path seal = data.resolveSibling("1.seal.json");
        byte[] whole = Files.readAllBytes(seal);
        Files.writeString(seal, "{\"format\":");
        assertThatThrownBy(() -> lookup.find(data.toString()))
                .isInstanceOf(CorruptSegmentException.class)
                .hasMessageContaining(seal + " is no seal: ");
        Files.write(seal, Files.readAllBytes(data.resolveSibling("2.seal.json")));
        assertThatThrownBy(() -> lookup.find(data.toString()))
                .isInstanceOf(CorruptSegmentException.class)
                .hasMessageContaining("expected of number 1");
        Files.delete(seal);
        Files.write(data, Zstd.compress("no header\n".getBytes(StandardCharsets.US_ASCII)));
        assertThatThrownBy(() -> lookup.find(data.toString()))
                .isInstanceOf(CorruptSegmentException.class)
                .hasMessageContaining(data + ": line 1 is no segment's");
        Files.write(data, whole);
        assertThatThrownBy(() -> lookup.find(data.toString()))
                .isInstanceOf(CorruptSegmentException.class)
                .hasMessageContaining(data.toString());
    }

    private Path landed(int number) throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("landing"))) {
            return files.filter(file -> file.endsWith(number + ".csv.zst"))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
