package io.counterfoil.edge.http;

import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.edge.testing.LandedLog;
import io.counterfoil.edge.testing.RawHttp2;
import io.counterfoil.edge.testing.RawOrigin;
import io.counterfoil.edge.testing.RunningEdge;
import io.counterfoil.edge.testing.TestCertificate;
import io.counterfoil.edge.testing.TestControlPlane;
import io.counterfoil.edge.testing.Until;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** HTTP/2 and HTTP/1.1 over TLS, by the JDK's client, and what the log says of it. */
class Http2Test {
    private static final String KEY = "a-key-of-the-test-1234567890";
    private static final int LARGE_BYTES = 3_000_000;

    @TempDir
    Path folder;

    private TestCertificate certificate;
    private RawOrigin origin;
    private RunningEdge edge;

    @BeforeEach
    void start() throws Exception {
        TestControlPlane control = new TestControlPlane();
        control.createKey("acme-prod", KEY, "refuse");
        certificate = TestCertificate.create(folder, "first");
        certificate.write(folder);
        origin = new RawOrigin((head, in, out) -> {
            byte[] body = in.readNBytes(RawOrigin.length(head));
            if (head.contains("?slow")) {
                new CountDownLatch(1).await(2500, TimeUnit.MILLISECONDS);
            }
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + (body.length + 3) + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.write(body);
            out.write("end".getBytes(StandardCharsets.US_ASCII));
            return true;
        });
        Files.createDirectory(folder.resolve("items"));
        Files.writeString(folder.resolve("items/1.json"), "{\"id\":1}");
        Files.writeString(folder.resolve("items/large.json"), "\"" + "x".repeat(LARGE_BYTES - 2) + "\"");
        Files.writeString(folder.resolve("edge.yaml"), """
                edge: edge-1
                listen: 127.0.0.1:0
                tls: {certificate: cert.pem, key: key.pem}
                drain: 2s
                limits: {head_timeout: 1s}
                routes:
                  - {name: items, path: '/v1/items/{id}', dataset: items}
                  - {name: echo, path: '/v1/echo', origin: {url: '%s', max_body: 16MiB}}
                """.formatted(origin.url()));
        edge = new RunningEdge(folder, control.jdbcUrl(), Clock.systemUTC());
    }

    @AfterEach
    void stop() throws Exception {
        edge.close();
        origin.close();
    }

    private HttpClient client(HttpClient.Version version) throws Exception {
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(certificate.trusting())
                .build();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("https://" + edge.address() + path))
                .header("X-API-Key", KEY);
    }

    private LandedLog drain() throws Exception {
        LandedLog log = edge.drain();
        assertThat(log.unequal()).isEmpty();
        return log;
    }

    @Test
    void answersManyStreamsOfOneConnection() throws Exception {
        HttpClient client = client(HttpClient.Version.HTTP_2);
        assertThat(client.send(request("/v1/items/1").build(), BodyHandlers.ofString())
                        .version())
                .isEqualTo(HttpClient.Version.HTTP_2);
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 80; i++) {
            answers.add(client.sendAsync(
                    request(i % 2 == 0 ? "/v1/items/1" : "/v1/nothing").build(), BodyHandlers.ofString()));
        }
        for (int i = 0; i < answers.size(); i++) {
            HttpResponse<String> answer = answers.get(i).get();
            assertThat(answer.statusCode()).isEqualTo(i % 2 == 0 ? 200 : 404);
        }
        HttpResponse<Void> head = client.send(
                request("/v1/items/1").method("HEAD", BodyPublishers.noBody()).build(), BodyHandlers.discarding());
        assertThat(head.headers().firstValue("content-length")).contains("8");
        LandedLog log = drain();
        assertThat(log.records()).hasSize(82);
    }

    @Test
    void holdsTheRecordUntilFlowControlLetsTheLastBytesPass() throws Exception {
        HttpClient client = client(HttpClient.Version.HTTP_2);
        HttpResponse<InputStream> slow = client.send(request("/v1/items/large").build(), BodyHandlers.ofInputStream());
        HttpResponse<InputStream> abandoned =
                client.send(request("/v1/items/large").build(), BodyHandlers.ofInputStream());
        assertThat(abandoned.body().read()).isEqualTo('"');
        // Resets its stream.
        abandoned.body().close();
        assertThat(slow.body().readAllBytes()).hasSize(LARGE_BYTES);
        Until.isTrue("both records", () -> edge.appended() == 2);
        List<RequestFacts> facts =
                drain().records().stream().map(LogRecord::facts).toList();
        assertThat(facts).extracting(RequestFacts::status).containsOnly(200);
        assertThat(facts).hasSize(2);
    }

    @Test
    void passesBodiesToAndFromAnOrigin() throws Exception {
        byte[] body = new byte[2_000_000];
        for (HttpClient.Version version : HttpClient.Version.values()) {
            HttpResponse<byte[]> answer = client(version)
                    .send(
                            request("/v1/echo")
                                    .POST(BodyPublishers.ofByteArray(body))
                                    .build(),
                            BodyHandlers.ofByteArray());
            assertThat(answer.version()).isEqualTo(version);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).hasSize(body.length + 3);
        }
        assertThat(origin.heads())
                .allMatch(head -> RawOrigin.field(head, "x-forwarded-proto").equals("https"));
        List<LogRecord> records = drain().records();
        assertThat(records).extracting(record -> record.facts().bytesIn()).containsOnly(2_000_000L);
        assertThat(records).extracting(record -> record.facts().bytesOut()).containsExactly(2_000_003L, 2_000_003L);
    }

    @Test
    void waitsForASlowOriginLongerThanAHeadMayTake() throws Exception {
        HttpClient client = client(HttpClient.Version.HTTP_2);
        CompletableFuture<HttpResponse<String>> slow =
                client.sendAsync(request("/v1/echo?slow").build(), BodyHandlers.ofString());
        assertThat(client.send(request("/v1/items/1").build(), BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
        assertThat(slow.get().body()).isEqualTo("end");
        assertThat(drain().records()).hasSize(2);
    }

    @Test
    void refusesFieldsThatNoHeadOfHttp1CouldHold() throws Exception {
        List<List<String>> heads = List.of(
                List.of(":path", "/v1/echo", "x-a", "b\r\n Transfer-Encoding: chunked"),
                List.of(":path", "/v1/echo", "x-api-key", KEY + "\u0001"),
                List.of(":path", "/v1/echo?a b"),
                List.of(":path", "/v1/echo?a\r\nX: y"),
                List.of(":path", "http://evil/v1/echo"));
        for (List<String> fields : heads) {
            List<String> all = new ArrayList<>(List.of(":method", "GET", ":scheme", "https", ":authority", "edge"));
            all.addAll(fields);
            all.addAll(List.of("authorization", "Bearer " + KEY));
            try (RawHttp2 http = new RawHttp2(edge.address(), certificate.trusting())) {
                // 400 of the static table, or a reset by the codec itself.
                assertThat(http.request(1, all).answer(1)).as(fields.toString()).isIn(0x8c, -1);
            }
        }
        assertThat(origin.heads()).isEmpty();
        assertThat(edge.lines()).noneMatch(line -> line.contains(KEY) || line.contains("defect"));
        drain();
    }

    @Test
    void takesANewCertificateAndRefusesABrokenOne() throws Exception {
        assertThat(client(HttpClient.Version.HTTP_2)
                        .send(request("/v1/items/1").build(), BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
        TestCertificate second = TestCertificate.create(folder, "second");
        Files.writeString(folder.resolve("cert.pem"), "no certificate");
        Until.isTrue("it is refused", () -> edge.lines().stream().anyMatch(line -> line.contains("ALARM the cert")));
        assertThat(client(HttpClient.Version.HTTP_2)
                        .send(request("/v1/items/1").build(), BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
        second.write(folder);
        Until.isTrue("it is taken", () -> edge.lines().stream().anyMatch(line -> line.contains("cert.pem read again")));
        assertThatThrownBy(() -> client(HttpClient.Version.HTTP_2)
                        .send(request("/v1/items/1").build(), BodyHandlers.ofString()))
                .isInstanceOf(IOException.class);
        certificate = second;
        HttpResponse<String> answer =
                client(HttpClient.Version.HTTP_2).send(request("/v1/items/1").build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
    }
}
