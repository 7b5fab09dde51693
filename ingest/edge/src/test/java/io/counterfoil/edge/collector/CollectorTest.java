package io.counterfoil.edge.collector;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.accesslog.seal.CollectedRange;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.edge.testing.LandedLog;
import io.counterfoil.edge.testing.RawHttp;
import io.counterfoil.edge.testing.RunningEdge;
import io.counterfoil.edge.testing.TestControlPlane;
import io.counterfoil.edge.testing.Until;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import static io.counterfoil.edge.collector.Posts.KEY;
import static io.counterfoil.edge.collector.Posts.TOKEN;
import static io.counterfoil.edge.collector.Posts.gzip;
import static io.counterfoil.edge.collector.Posts.line;
import static io.counterfoil.edge.collector.Posts.post;
import static io.counterfoil.edge.collector.Posts.send;
import static io.counterfoil.edge.collector.Posts.sha256;
import static io.counterfoil.edge.collector.Posts.taken;
import static org.assertj.core.api.Assertions.assertThat;

/** What edges that are not ours post, over real sockets. */
final class CollectorTest {
    private static final String LATER = "a-key-that-is-told-of-later";
    private final long now = Instant.now().toEpochMilli() * 1000;

    @TempDir
    Path folder;

    private final TestControlPlane control = new TestControlPlane();

    @BeforeEach
    void configure() throws Exception {
        Posts.configure(folder, control);
    }

    private RunningEdge start() {
        return Posts.start(folder, control);
    }

    private static List<LogRecord> ofShop(LandedLog log) {
        List<LogRecord> records = new ArrayList<>();
        int at = 0;
        for (Seal seal : log.seals()) {
            int count = (int) seal.records().count();
            if (seal.source().isPresent()) {
                records.addAll(log.records().subList(at, at + count));
            }
            at += count;
        }
        return records;
    }

    @Test
    void aRecordIsWhatItsLineSaysAndRejectsAreTold() throws Exception {
        LandedLog log;
        try (RunningEdge edge = start()) {
            String full = "{\"ts_us\":" + (now - 5) + ",\"key\":\"" + sha256(KEY)
                    + "\",\"route\":\"forecast\",\"method\":\"POST\",\"path\":\"/v1/x,y\",\"status\":201,\"bytes_in\":12,"
                    + "\"bytes_out\":3400,\"duration_us\":1500,\"units\":3,\"decision\":\"warned\",\"request_id\":\"r-1\","
                    + "\"client\":\"203.0.113.0/24\",\"colo\":{\"nobody\":[\"knows\"]}}\n";
            JsonNode answer = taken(
                    edge,
                    "iso-1",
                    1,
                    full + "{\"ts_us\":" + now + ",\"status\":200}\n\n{\"ts_us\":1}\nno json\n{\"ts_us\":" + now
                            + ",\"status\":200,\"key\":\"" + KEY + "\"}\n{\"ts_us\":" + now
                            + ",\"status\":200,\"units\":-1}\n{\"ts_us\":" + now
                            + ",\"status\":200,\"route\":\"counterfoil.usage\"}\n{\"ts_us\":" + now
                            + ",\"status\":99}\n{\"ts_us\":" + now + ",\"status\":200,\"decision\":\"served\"}\n[1]");
            assertThat(answer.toString())
                    .isEqualTo("{\"records\":2,\"held\":0,\"rejects\":["
                            + "{\"line\":4,\"reason\":\"no status, expected 100 to 999\"},"
                            + "{\"line\":5,\"reason\":\"not JSON, or a member stands twice\"},"
                            + "{\"line\":6,\"reason\":\"key is no SHA-256: expected 64 hex digits in lower case, never"
                            + " the key itself\"},"
                            + "{\"line\":7,\"reason\":\"units is no whole number from 0 to 17592186044415\"},"
                            + "{\"line\":8,\"reason\":\"route is no name of 1 to 64 of a-z 0-9 . _ - that does not begin"
                            + " with 'counterfoil.'\"},"
                            + "{\"line\":9,\"reason\":\"status is 99, expected 100 to 999\"},"
                            + "{\"line\":10,\"reason\":\"decision is none of admitted, warned, refused, unauthorized,"
                            + " unrouted\"},"
                            + "{\"line\":11,\"reason\":\"not a JSON object\"}],\"duplicate\":false}");
            log = edge.drain();
        }
        List<LogRecord> records = ofShop(log);
        assertThat(records.stream().map(LogRecord::facts))
                .containsExactly(
                        new RequestFacts(
                                1,
                                "forecast",
                                "POST",
                                201,
                                12,
                                3400,
                                1500,
                                3,
                                Decision.WARNED,
                                "r-1",
                                "203.0.113.0/24",
                                "/v1/x%2Cy"),
                        new RequestFacts(0, "-", "-", 200, 0, 0, 0, 1, Decision.ADMITTED, "", "", "-"));
        assertThat(records.get(0).tsMicros()).isEqualTo(now - 5);
        assertThat(log.seals().stream().mapToLong(Seal::rejects).sum()).isEqualTo(8);
        assertNoKey(KEY);
    }

    /** In no file of the edge, landed or not. */
    private void assertNoKey(String key) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(key);
            }
        }
    }

    @Test
    void whateverBytesALineHasItIsARejectAndNoKeyStandsInAField() throws Exception {
        try (RunningEdge edge = start()) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            for (byte[] odd : List.of(
                    new byte[] {'{', 0, 0, 0, 'x'},
                    new byte[] {0, 0, (byte) 0xfe, (byte) 0xff},
                    new byte[] {(byte) 0xfe, (byte) 0xff, 0, 0},
                    new byte[] {(byte) 0xc3, '('})) {
                body.writeBytes(odd);
                body.write('\n');
            }
            String secret = "cfk_live_0123456789_abcdefghijklmnop";
            for (String field : List.of("method", "client", "route")) {
                body.writeBytes(("{\"ts_us\":" + now + ",\"status\":200,\"" + field + "\":\"" + secret + "\"}\n")
                        .getBytes(StandardCharsets.UTF_8));
            }
            body.writeBytes(line(KEY, 200).getBytes(StandardCharsets.UTF_8));
            HttpResponse<String> answer = send(post(edge, "i", 1), body.toByteArray());
            JsonNode json = new ObjectMapper().readTree(answer.body());
            assertThat(json.at("/records").asInt()).isEqualTo(1);
            assertThat(json.at("/rejects")).hasSize(7);
            assertThat(answer.body()).doesNotContain(secret);
            edge.drain();
            assertNoKey(secret);
        }
    }

    @Test
    void theSameBatchCountsOncePlainOrGzipAlsoAfterAStart() throws Exception {
        try (RunningEdge edge = start()) {
            assertThat(taken(edge, "iso-1", 1, line(KEY, 200)).at("/duplicate").asBoolean())
                    .isFalse();
            HttpResponse<String> again = send(
                    post(edge, "iso-1", 1).header("Content-Encoding", "gzip"),
                    gzip(line(KEY, 200).getBytes(StandardCharsets.UTF_8)));
            assertThat(again.statusCode()).isEqualTo(200);
            assertThat(again.body()).isEqualTo("{\"records\":0,\"held\":0,\"rejects\":[],\"duplicate\":true}");
            HttpResponse<String> packed = send(
                    post(edge, "iso-1", 2).header("Content-Encoding", "gzip"),
                    gzip((line(KEY, 200) + line(KEY, 404)).getBytes(StandardCharsets.UTF_8)));
            assertThat(new ObjectMapper().readTree(packed.body()).at("/records").asInt())
                    .isEqualTo(2);
        }
        LandedLog log;
        try (RunningEdge edge = start()) {
            assertThat(taken(edge, "iso-1", 2, line(KEY, 200)).at("/duplicate").asBoolean())
                    .isTrue();
            HttpResponse<String> other = send(
                    HttpRequest.newBuilder(URI.create("http://" + edge.collector() + "/v1/records"))
                            .header("Authorization", "Bearer " + TOKEN + "-other")
                            .header("Content-Type", "application/x-ndjson; charset=utf-8")
                            .header("Counterfoil-Instance", "iso-1")
                            .header("Counterfoil-Batch", "2"),
                    line(KEY, 200).getBytes(StandardCharsets.UTF_8));
            assertThat(new ObjectMapper()
                            .readTree(other.body())
                            .at("/duplicate")
                            .asBoolean())
                    .as("another source's batch of that name")
                    .isFalse();
            assertThat(RawHttp.once(edge.admin(), RawHttp.get("/metrics")).body())
                    .contains("counterfoil_collector_batches_total 1.0", "counterfoil_collector_duplicates_total 1.0");
            log = edge.drain();
        }
        assertThat(ofShop(log)).hasSize(4).allMatch(record -> record.facts().keyId() == 1);
        List<String> batches = new ArrayList<>();
        for (Seal seal :
                log.seals().stream().filter(each -> each.source().isPresent()).toList()) {
            for (CollectedRange.Batches run :
                    seal.source().orElseThrow().collected().orElseThrow().batches()) {
                for (long number = run.first(); number <= run.last(); number++) {
                    batches.add(seal.id().stream().edge() + " " + run.instance() + "/" + number);
                }
            }
        }
        assertThat(batches).containsExactlyInAnyOrder("shop iso-1/1", "shop iso-1/2", "other iso-1/2");
    }

    @Test
    void recordsOfAKeyThatIsToldOfLaterWaitForItAndThoseOfADisabledOneCount() throws Exception {
        control.createKey("gone", "a-key-that-was-disabled-012345", "refuse");
        control.disable("gone");
        LandedLog log;
        try (RunningEdge edge = start()) {
            JsonNode answer = taken(
                    edge, "iso-1", 1, line(LATER, 200) + line(KEY, 200) + line("a-key-that-was-disabled-012345", 200));
            assertThat(answer.at("/records").asInt()).isEqualTo(3);
            assertThat(answer.at("/held").asInt()).isEqualTo(2);
            Until.isTrue("the disabled key is found", () -> metric(edge, "counterfoil_collector_held") == 1);
            control.createKey("later", LATER, "refuse");
            Until.isTrue("the other one is found", () -> metric(edge, "counterfoil_collector_held") == 0);
            log = edge.drain();
        }
        assertThat(ofShop(log).stream().map(record -> record.facts().keyId())).containsExactlyInAnyOrder(1L, 2L, 3L);
        assertNoKey(LATER);
    }

    private static double metric(RunningEdge edge, String name) {
        try {
            return RawHttp.once(edge.admin(), RawHttp.get("/metrics"))
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(name + " "))
                    .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                    .findFirst()
                    .orElse(-1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aClockThatIsOffByAnHourIsAnAlarmAndItsRecordsKeepTheirTimes() throws Exception {
        LandedLog log;
        try (RunningEdge edge = start()) {
            long sent = Instant.now().toEpochMilli() - 3_600_000;
            HttpResponse<String> answer = send(
                    post(edge, "i", 1).header("Counterfoil-Sent", Long.toString(sent)),
                    ("{\"ts_us\":" + sent * 1000 + ",\"status\":200}").getBytes(StandardCharsets.UTF_8));
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(edge.lines())
                    .anyMatch(line ->
                            line.matches("ALARM collector: the clock of shop is 3600 s behind this machine's; .*"));
            taken(edge, "i", 2, "");
            assertThat(edge.lines()).contains("collector: the clock of shop is right again");
            log = edge.drain();
        }
        long furthest = log.seals().stream()
                .flatMap(seal -> seal.source().stream())
                .mapToLong(source -> source.collected().orElseThrow().skewMicros())
                .min()
                .orElseThrow();
        assertThat(furthest).isBetween(-3_700_000_000L, -3_590_000_000L);
    }
}
