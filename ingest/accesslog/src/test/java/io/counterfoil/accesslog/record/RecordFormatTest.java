package io.counterfoil.accesslog.record;

import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The line format, written by the encoder and read back by the cursor and, as a judge that shares no code with it, by Commons CSV. */
final class RecordFormatTest {
    private static final SegmentId SEGMENT =
            new SegmentId(new StreamId("edge-1", new Epoch(1_700_000_000, 0xabcL), 3), 42);

    @Test
    void writesTheDocumentedLine() {
        RequestFacts facts = new RequestFacts(
                7, "items", "GET", 200, 0, 512, 1234, 1, Decision.ADMITTED, "req-1", "", "/v1/items/1");

        String line = encode(1, 1_700_000_000_000_001L, facts);

        // The test vector of the module's README; slowCrc32c shares no code with the encoder.
        String vector = "1,1700000000000001,7,items,GET,200,0,512,1234,1,admitted,req-1,,/v1/items/1,";
        assertThat(line).isEqualTo(vector + "39eeac9d\n");
        assertThat(slowCrc32c("edge-1/1700000000-0000000000000abc/3/42\n" + vector))
                .isEqualTo("39eeac9d");
    }

    @Test
    void whatWasWrittenIsReadBackByTheCursorAndByCommonsCsv() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder(new String(RecordFormat.header(SEGMENT), StandardCharsets.US_ASCII));
        List<RequestFacts> written = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            RequestFacts facts = facts(random);
            written.add(facts);
            text.append(encode(i + 1, 1_000_000L * i, facts));
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);

        RecordCursor cursor = new RecordCursor(SEGMENT, bytes, RecordFormat.header(SEGMENT).length, bytes.length);
        List<CSVRecord> rows = commonsCsv(text.toString());

        assertThat(rows).as("seed " + seed).hasSize(written.size());
        for (int i = 0; i < written.size(); i++) {
            assertThat(cursor.next()).isTrue();
            LogRecord record = cursor.record();
            RequestFacts facts = written.get(i);
            CSVRecord row = rows.get(i);
            assertThat(row.size()).as("seed " + seed).isEqualTo(15);
            assertThat(row.toList().subList(0, 14))
                    .as("seed " + seed)
                    .containsExactly(
                            "" + record.seq(),
                            "" + record.tsMicros(),
                            "" + record.facts().keyId(),
                            record.facts().route(),
                            record.facts().method(),
                            "" + record.facts().status(),
                            "" + record.facts().bytesIn(),
                            "" + record.facts().bytesOut(),
                            "" + record.facts().durationMicros(),
                            "" + record.facts().units(),
                            record.facts().decision().text(),
                            record.facts().requestId(),
                            record.facts().client(),
                            record.facts().path());
            assertThat(record.facts().keyId()).isEqualTo(facts.keyId());
            assertThat(record.facts().bytesOut()).isEqualTo(facts.bytesOut());
            assertThat(record.facts().status()).isEqualTo(facts.status());
            assertThat(record.facts().decision()).isEqualTo(facts.decision());
        }
        assertThat(cursor.next()).isFalse();
    }

    @Test
    void escapesWhatALineCannotHoldAndNothingElse() {
        assertThat(path("/a,b\"c\r\nd\u0000\u001b[31m")).isEqualTo("/a%2Cb%22c%0D%0Ad%00%1B[31m");
        assertThat(path("/ä/%2F?")).isEqualTo("/%C3%A4/%2F?");
        assertThat(path("/😀")).isEqualTo("/%F0%9F%98%80");
        assertThat(path("/\ud83d")).isEqualTo("/%EF%BF%BD");
    }

    @Test
    void cutsAPathAt256BytesAndNeverInsideAnEscape() {
        assertThat(path("/" + "x/".repeat(32_768))).hasSize(256);
        assertThat(path("/" + "ä/".repeat(1000))).hasSizeBetween(250, 256).endsWith("%C3%A4/");
    }

    @Test
    void masksAKeyThatTheCutGoesThrough() {
        String key = "0123456789abcdef0123456789abcdef01234567";
        assertThat(path("/" + "x/".repeat(112) + key))
                .endsWith("/0123***************************")
                .hasSize(256);
    }

    @Test
    void masksWhatLooksLikeAKey() {
        assertThat(path("/v1/cfk_live_abcdefgh1234567890/x")).isEqualTo("/v1/cfk_***********************/x");
        assertThat(path("/k/0123456789abcdef0123456789abcdef")).isEqualTo("/k/0123****************************");
        assertThat(path("/2015/06/10/why-12-factor-application-patterns-microservices-matter/"))
                .isEqualTo("/2015/06/10/why-12-factor-application-patterns-microservices-matter/");
        assertThat(path("/items/3f2504e0-4f89-11d3-9a0c-0305e82c3301"))
                .contains("3f2504e0-4f89-11d3-9a0c-0305e82c3301");
    }

    @Test
    void anyChangedByteOfALineIsCorruption() {
        RequestFacts facts = new RequestFacts(
                7, "items", "GET", 200, 0, 512, 1234, 1, Decision.ADMITTED, "req-1", "", "/v1/items/1");
        byte[] line = encode(1, 1_700_000_000_000_001L, facts).getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < line.length; i++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] changed = line.clone();
                changed[i] ^= (byte) (1 << bit);
                RecordCursor cursor = new RecordCursor(SEGMENT, changed, 0, changed.length);
                assertThatThrownBy(cursor::next)
                        .as("byte %d, bit %d", i, bit)
                        .isInstanceOf(CorruptRecordException.class);
            }
        }
    }

    @Test
    void aRecordOfAnotherPlaceIsCorruption() {
        byte[] line = encode(1, 5, new RequestFacts(7, "items", "GET", 200, 0, 1, 1, 1, Decision.ADMITTED, "", "", "/"))
                .getBytes(StandardCharsets.US_ASCII);
        SegmentId other = new SegmentId(SEGMENT.stream(), 43);

        assertThatThrownBy(() -> new RecordCursor(other, line, 0, line.length).next())
                .isInstanceOf(CorruptRecordException.class)
                .hasMessageContaining("crc is");
    }

    private static String path(String path) {
        String line = encode(1, 5, new RequestFacts(1, "r", "GET", 200, 0, 0, 0, 1, Decision.ADMITTED, "", "", path));
        String withoutCrc = line.substring(0, line.lastIndexOf(','));
        return withoutCrc.substring(withoutCrc.lastIndexOf(',') + 1);
    }

    private static String encode(long seq, long ts, RequestFacts facts) {
        RecordEncoder encoder = new RecordEncoder();
        encoder.begin(SEGMENT);
        int bytes = encoder.encode(seq, ts, facts);
        return new String(encoder.line(), 0, bytes, StandardCharsets.US_ASCII);
    }

    private static RequestFacts facts(Random random) {
        List<Decision> decisions = List.of(Decision.values());
        Decision decision = decisions.get(random.nextInt(decisions.size()));
        return new RequestFacts(
                random.nextLong(Long.MAX_VALUE),
                "r" + random.nextInt(10),
                text(random, 8),
                100 + random.nextInt(900),
                random.nextLong(Long.MAX_VALUE),
                random.nextLong(1L << 60),
                random.nextLong(1000),
                random.nextLong(10),
                decision,
                text(random, 64),
                "",
                "/" + text(random, 400));
    }

    private static String text(Random random, int max) {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(max);
        for (int i = 0; i < length; i++) {
            text.append((char) (random.nextInt(10) == 0 ? random.nextInt(0x10000) : 0x20 + random.nextInt(0x60)));
        }
        return text.toString();
    }

    private static List<CSVRecord> commonsCsv(String segment) throws IOException {
        String withoutHeader = segment.substring(segment.indexOf('\n') + 1);
        return CSVFormat.DEFAULT.parse(new StringReader(withoutHeader)).getRecords();
    }

    /** Bit by bit, from the polynomial (RFC 3720, Castagnoli, reflected). */
    private static String slowCrc32c(String text) {
        int crc = ~0;
        for (byte b : text.getBytes(StandardCharsets.US_ASCII)) {
            crc ^= b & 0xff;
            for (int i = 0; i < 8; i++) {
                crc = (crc >>> 1) ^ ((crc & 1) * 0x82f63b78);
            }
        }
        return String.format("%08x", ~crc);
    }
}
