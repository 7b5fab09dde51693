package io.counterfoil.edge.collector;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.accesslog.seal.CollectedRange;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.edge.EdgeSecrets;
import io.counterfoil.edge.EdgeTemplate;
import io.counterfoil.edge.listener.BearerTokens;
import io.counterfoil.edge.testing.LandedLog;
import io.counterfoil.edge.testing.RawHttp;
import io.counterfoil.edge.testing.RunningEdge;
import io.counterfoil.edge.testing.TestControlPlane;
import io.counterfoil.edge.testing.Until;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.limits.UsageLimit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What edges that are not ours post, over real sockets. */
final class CollectorTest {
    private static final String KEY = "the-key-of-acme-0123456789";
    private static final String LATER = "a-key-that-is-told-of-later";
    private static final String TOKEN = "a-token-of-the-shop-0123456789";
    private final long now = Instant.now().toEpochMilli() * 1000;

    @TempDir
    Path folder;

    private final TestControlPlane control = new TestControlPlane();
    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeEach
    void configure() throws Exception {
        EdgeTemplate.write(folder);
        Path settings = folder.resolve("edge.yaml");
        Files.writeString(
                settings,
                "collector: 127.0.0.1:0\ncollector_rate: 20\nseal_after: 50ms\n" + Files.readString(settings));
        control.createKey("acme", KEY, List.of(UsageLimit.parse("100/hour", "refuse")));
    }

    private RunningEdge start() {
        EdgeSecrets secrets = new EdgeSecrets(
                control.jdbcUrl(), BearerTokens.NONE, Collector.tokens("shop=" + TOKEN + ",other=" + TOKEN + "-other"));
        return new RunningEdge(folder, secrets, Clock.systemUTC());
    }

    private static String sha256(String key) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
    }

    private String line(String key, int status) throws Exception {
        return "{\"ts_us\":" + now + ",\"key\":\"" + sha256(key) + "\",\"status\":" + status + "}\n";
    }

    private static HttpRequest.Builder post(RunningEdge edge, String instance, long batch) {
        return HttpRequest.newBuilder(URI.create("http://" + edge.collector() + "/v1/records"))
                .header("Authorization", "Bearer " + TOKEN)
                .header("Content-Type", "application/x-ndjson")
                .header("Counterfoil-Instance", instance)
                .header("Counterfoil-Batch", Long.toString(batch));
    }

    private HttpResponse<String> send(HttpRequest.Builder request, byte[] body) throws Exception {
        return client.send(
                request.POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private JsonNode taken(RunningEdge edge, String instance, long batch, String body) throws Exception {
        HttpResponse<String> answer = send(post(edge, instance, batch), body.getBytes(StandardCharsets.UTF_8));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new ObjectMapper().readTree(answer.body());
    }

    private static byte[] gzip(byte[] body) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(body);
        }
        return packed.toByteArray();
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
    void whatIsNoBatchIsRefusedWithTheReason() throws Exception {
        try (RunningEdge edge = start()) {
            String type = "Content-Type: application/x-ndjson";
            String bearer = "Authorization: Bearer " + TOKEN;
            String instance = "Counterfoil-Instance: i";
            String batch = "Counterfoil-Batch: 1";
            refused(edge, 401, "A source's token is needed", "POST", "/v1/records", type, instance, batch);
            refused(edge, 401, "token", "POST", "/v1/records", "Authorization: Bearer " + TOKEN + "x", type);
            refused(edge, 404, "/v1/records is here", "POST", "/v2/records", bearer);
            refused(edge, 405, "Only POST", "GET", "/v1/records", bearer);
            refused(edge, 415, "application/x-ndjson", "POST", "/v1/records", bearer, instance, batch);
            refused(edge, 415, "gzip", "POST", "/v1/records", bearer, type, instance, batch, "Content-Encoding: lzw");
            refused(edge, 400, "Counterfoil-Instance", "POST", "/v1/records", bearer, type, batch);
            refused(edge, 400, "Counterfoil-Instance", "POST", "/v1/records", bearer, type, batch, instance + "/1");
            refused(edge, 400, "Counterfoil-Batch", "POST", "/v1/records", bearer, type, instance);
            refused(edge, 400, "Counterfoil-Batch", "POST", "/v1/records", bearer, type, instance, batch + "e3");
            refused(
                    edge,
                    400,
                    "Counterfoil-Batch",
                    "POST",
                    "/v1/records",
                    bearer,
                    type,
                    instance,
                    "Counterfoil-Batch: 9007199254740992");
            refused(
                    edge,
                    400,
                    "Counterfoil-Sent",
                    "POST",
                    "/v1/records",
                    bearer,
                    type,
                    instance,
                    batch,
                    "Counterfoil-Sent: now");

            byte[] large = " ".repeat((8 << 20) + 1).getBytes(StandardCharsets.US_ASCII);
            assertThat(send(post(edge, "i", 1).header("Content-Encoding", "gzip"), gzip(large))
                            .statusCode())
                    .as("small as it is sent, large unpacked")
                    .isEqualTo(413);
            assertThat(send(post(edge, "i", 1), line(KEY, 200).repeat(10_001).getBytes(StandardCharsets.US_ASCII))
                            .body())
                    .contains("at most 10000 lines");
            byte[] whole = gzip(line(KEY, 200).getBytes(StandardCharsets.US_ASCII));
            HttpResponse<String> cut =
                    send(post(edge, "i", 1).header("Content-Encoding", "gzip"), Arrays.copyOf(whole, whole.length - 9));
            assertThat(cut.statusCode()).as(cut.body()).isEqualTo(400);
            assertThat(send(
                                    post(edge, "i", 1).header("Content-Encoding", "gzip"),
                                    "no gzip".getBytes(StandardCharsets.US_ASCII))
                            .statusCode())
                    .isEqualTo(400);
            assertThat(taken(edge, "i", 1, line(KEY, 200)).at("/duplicate").asBoolean())
                    .as("none of them was taken")
                    .isFalse();
        }
    }

    private static void refused(
            RunningEdge edge, int status, String because, String method, String path, String... headers)
            throws IOException {
        List<String> all = new ArrayList<>(List.of(headers));
        all.add("Content-Length: 0");
        RawHttp.Response answer =
                RawHttp.once(edge.collector(), RawHttp.request(method, path, all.toArray(String[]::new)));
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.body()).contains(because).doesNotContain(TOKEN);
        assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
    }

    @Test
    void aSourceThatPostsTooOftenIsToldWhenToComeBackAndAnotherIsNot() throws Exception {
        try (RunningEdge edge = start()) {
            Optional<HttpResponse<String>> tooMany = Optional.empty();
            // Ten seconds' worth may come at once.
            for (int i = 1; i <= 1_000 && tooMany.isEmpty(); i++) {
                HttpResponse<String> answer = send(post(edge, "i", i), new byte[0]);
                tooMany = Optional.of(answer).filter(each -> each.statusCode() != 200);
            }
            assertThat(tooMany.orElseThrow().statusCode()).isEqualTo(429);
            assertThat(tooMany.get().headers().firstValue("Retry-After")).contains("1");
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

    @Test
    void itDoesNotStartWithoutATokenOrWithASourceOfItsOwnName() {
        assertThatThrownBy(() -> new RunningEdge(folder, EdgeSecrets.of(control.jdbcUrl()), Clock.systemUTC()))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("there is no source's token; set COUNTERFOIL_COLLECTOR_TOKENS");
        assertThatThrownBy(() -> Collector.tokens(TOKEN))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("part 1 of 1 is no NAME=TOKEN")
                .hasMessageNotContaining(TOKEN);
        assertThatThrownBy(() -> Collector.tokens("shop=" + TOKEN + ",other=" + TOKEN))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("the token of 'other' stands there twice");
    }
}
