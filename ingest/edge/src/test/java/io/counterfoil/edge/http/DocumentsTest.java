package io.counterfoil.edge.http;

import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.edge.testing.LandedLog;
import io.counterfoil.edge.testing.RawHttp;
import io.counterfoil.edge.testing.RawHttp.Response;
import io.counterfoil.edge.testing.RunningEdge;
import io.counterfoil.edge.testing.TestControlPlane;
import io.counterfoil.edge.testing.Until;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.zip.GZIPInputStream;

import static org.assertj.core.api.Assertions.assertThat;

/** Datasets and settings while they change: what clients get, and what operators are told. */
class DocumentsTest {
    private static final String KEY = "a-key-of-the-test-1234567890";
    private static final String BEARER = "Authorization: Bearer " + KEY;
    private static final String YAML = """
            edge: edge-1
            listen: 127.0.0.1:0
            drain: 1s
            cors: {origins: ['https://app.example'], expose: [etag]}
            routes:
              - {name: items, path: '/v1/items/{id}', dataset: items}
              - {name: prices, path: '/v1/prices/{id}', dataset: {file: prices.csv, key: sku}}
              - {name: users, path: '/v1/users/{id}', dataset: {file: users.ndjson, key: id}, scope: users.read}
            """;

    @TempDir
    Path folder;

    private RunningEdge edge;

    @BeforeEach
    void start() throws Exception {
        TestControlPlane control = new TestControlPlane();
        control.createKey("acme-prod", KEY, "refuse");
        Files.createDirectory(folder.resolve("items"));
        Files.writeString(folder.resolve("items/1.json"), "{\"v\":1}");
        Files.writeString(folder.resolve("items/2.json"), "{\"v\":\"" + "long ".repeat(400) + "\"}");
        Files.writeString(folder.resolve("prices.csv"), "sku,name,price\r\nA-1,\"Bolt, \"\"big\"\"\",1.50\r\n");
        Files.writeString(folder.resolve("users.ndjson"), "{\"id\":7,\"n\":\"x\"}\n");
        Files.writeString(folder.resolve("edge.yaml"), YAML);
        edge = new RunningEdge(folder, control.jdbcUrl(), Clock.systemUTC());
    }

    @AfterEach
    void stop() throws Exception {
        edge.close();
    }

    private Response get(String path, String... headers) throws Exception {
        String[] all = java.util.Arrays.copyOf(headers, headers.length + 1);
        all[headers.length] = BEARER;
        return RawHttp.once(edge.address(), RawHttp.get(path, all));
    }

    private void told(String text) throws Exception {
        Until.isTrue(text, () -> edge.lines().stream().anyMatch(line -> line.contains(text)));
    }

    @Test
    void sendsNothingTwiceToWhoHasIt() throws Exception {
        String etag = get("/v1/items/1").header("etag");
        assertThat(etag).matches("\"[0-9a-f]{20}\"");
        for (String known : List.of(etag, "W/" + etag, "\"other\", " + etag, "*")) {
            Response same = get("/v1/items/1", "If-None-Match: " + known);
            assertThat(same.status()).as(known).isEqualTo(304);
            assertThat(same.header("etag")).isEqualTo(etag);
            assertThat(same.headers()).doesNotContainKey("content-length");
        }
        assertThat(get("/v1/items/1", "If-None-Match: \"other\"").body()).isEqualTo("{\"v\":1}");
        LandedLog log = edge.drain();
        assertThat(log.unequal()).isEmpty();
        assertThat(log.records())
                .extracting(
                        record -> record.facts().status() + " " + record.facts().bytesOut())
                .containsExactlyInAnyOrder("200 7", "304 0", "304 0", "304 0", "304 0", "200 7");
    }

    @Test
    void packsWhatIsWorthItForWhoTakesIt() throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest packed = HttpRequest.newBuilder(URI.create("http://" + edge.address() + "/v1/items/2"))
                .header("Authorization", "Bearer " + KEY)
                .header("Accept-Encoding", "br;q=1, gzip;q=0.5")
                .build();
        var answer = client.send(packed, BodyHandlers.ofByteArray());
        assertThat(answer.headers().firstValue("content-encoding")).contains("gzip");
        assertThat(answer.headers().firstValue("vary")).isPresent();
        assertThat(new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes())
                .isEqualTo(Files.readAllBytes(folder.resolve("items/2.json")));
        String etag = answer.headers().firstValue("etag").orElseThrow();
        assertThat(etag).endsWith("-gz\"");
        assertThat(get("/v1/items/2", "If-None-Match: " + etag, "Accept-Encoding: gzip")
                        .status())
                .isEqualTo(304);
        assertThat(get("/v1/items/2", "Accept-Encoding: gzip;q=0").headers()).doesNotContainKey("content-encoding");
        assertThat(get("/v1/items/1", "Accept-Encoding: gzip").headers()).doesNotContainKey("content-encoding");
    }

    @Test
    void servesRowsAndLinesByTheirKey() throws Exception {
        assertThat(get("/v1/prices/A-1").body())
                .isEqualTo("{\"sku\":\"A-1\",\"name\":\"Bolt, \\\"big\\\"\",\"price\":\"1.50\"}");
        assertThat(get("/v1/prices/A-2").status()).isEqualTo(404);
        Response forbidden = get("/v1/users/7");
        assertThat(forbidden.status()).isEqualTo(403);
        assertThat(forbidden.body()).contains("users.read");
        LogRecord last = edge.drain().records().stream()
                .filter(record -> record.facts().route().equals("users"))
                .findFirst()
                .orElseThrow();
        assertThat(last.facts().decision().text() + last.facts().keyId()).isEqualTo("unauthorized1");
    }

    @Test
    void swapsADatasetWholeAndKeepsItWhereTheNewOneIsBroken() throws Exception {
        Files.writeString(folder.resolve("items/3.json"), "{\"v\":3}");
        told("items changed: 3 documents, 2 before");
        assertThat(get("/v1/items/3").body()).isEqualTo("{\"v\":3}");
        Files.writeString(folder.resolve("prices.csv"), "sku,name,price\r\nA-1,x\r\nA-1,y,2\r\n");
        told("ALARM dataset");
        assertThat(get("/v1/prices/A-1").body()).contains("1.50");
        Files.writeString(folder.resolve("prices.csv"), "sku,name,price\r\nA-1,Bolt,1.75\r\n");
        told("prices.csv changed: 1 documents, 1 before");
        assertThat(get("/v1/prices/A-1").body()).contains("1.75");
    }

    @Test
    void takesNewRoutesWithoutDroppingAConnection() throws Exception {
        try (RawHttp http = new RawHttp(edge.address())) {
            assertThat(http.send(RawHttp.get("/v2/items/1", BEARER)).receive().status())
                    .isEqualTo(404);
            Files.writeString(folder.resolve("edge.yaml"), YAML.replace("/v1/items/", "/v2/items/"));
            told("read again: 3 routes");
            assertThat(http.send(RawHttp.get("/v2/items/1", BEARER)).receive().status())
                    .isEqualTo(200);
            Files.writeString(folder.resolve("edge.yaml"), YAML.replace("dataset: items}", "dataset: gone}"));
            told("ALARM settings");
            assertThat(http.send(RawHttp.get("/v2/items/1", BEARER)).receive().status())
                    .isEqualTo(200);
            // What a refused file names may come after it.
            Files.createDirectory(folder.resolve("gone"));
            Files.writeString(folder.resolve("gone/1.json"), "{}");
            Until.isTrue("the folder is there", () -> linesWith("read again: 3 routes") == 2);
            assertThat(linesWith("ALARM settings")).isEqualTo(1);
            Files.writeString(folder.resolve("edge.yaml"), YAML + "event_loops: 1\n");
            told("takes a restart");
            assertThat(http.send(RawHttp.get("/v1/items/1", BEARER)).receive().status())
                    .isEqualTo(200);
        }
    }

    private long linesWith(String text) {
        return edge.lines().stream().filter(line -> line.contains(text)).count();
    }

    @Test
    void tellsBrowsersWhoMayAsk() throws Exception {
        String preflight = RawHttp.request(
                "OPTIONS",
                "/v1/items/1",
                "Origin: https://app.example",
                "Access-Control-Request-Method: GET",
                "Access-Control-Request-Headers: authorization");
        Response allowed = RawHttp.once(edge.address(), preflight);
        assertThat(allowed.status()).isEqualTo(204);
        assertThat(allowed.header("access-control-allow-origin")).isEqualTo("https://app.example");
        assertThat(allowed.header("access-control-allow-methods")).isEqualTo("GET, HEAD");
        assertThat(allowed.header("access-control-allow-headers")).contains("authorization");
        assertThat(allowed.header("access-control-max-age")).isEqualTo("600");
        assertThat(RawHttp.once(edge.address(), preflight.replace("app.example", "evil.example"))
                        .headers())
                .doesNotContainKeys("access-control-allow-origin", "access-control-allow-methods");
        Response answer = get("/v1/items/1", "Origin: https://app.example");
        assertThat(answer.header("access-control-allow-origin")).isEqualTo("https://app.example");
        assertThat(answer.header("access-control-expose-headers"))
                .isEqualTo("RateLimit-Policy, RateLimit, Counterfoil-Warning, Retry-After, etag");
        assertThat(answer.header("vary")).isEqualTo("origin");
        Response unauthorized = RawHttp.once(edge.address(), RawHttp.get("/v1/items/1", "Origin: https://app.example"));
        assertThat(unauthorized.status()).isEqualTo(401);
        assertThat(unauthorized.header("access-control-allow-origin")).isEqualTo("https://app.example");
        assertThat(edge.drain().records())
                .hasSize(4)
                .allMatch(record -> record.facts().route().equals("items"));
    }

    @Test
    void tellsOperatorsHowItIsDoing() throws Exception {
        get("/v1/items/1");
        get("/v1/items/9");
        assertThat(admin("/healthz").body()).isEqualTo("ok\n");
        assertThat(admin("/readyz").statusCode()).isEqualTo(200);
        assertThat(admin("/other").statusCode()).isEqualTo(404);
        String metrics = admin("/metrics").body();
        assertThat(metrics)
                .contains("counterfoil_requests_total{route=\"items\",status=\"2xx\"} 1.0")
                .contains("counterfoil_requests_total{route=\"items\",status=\"4xx\"} 1.0")
                .contains("counterfoil_request_duration_seconds_count{route=\"items\"} 2")
                .contains("counterfoil_log_unlogged_total{reason=\"disk\"} 0.0")
                .contains("counterfoil_log_segments_unsealed")
                .contains("counterfoil_snapshot_version")
                .contains("jvm_memory_used_bytes")
                .doesNotContain("acme-prod", KEY);
    }

    private java.net.http.HttpResponse<String> admin(String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://" + edge.admin() + path))
                                .build(),
                        BodyHandlers.ofString(StandardCharsets.UTF_8));
    }
}
