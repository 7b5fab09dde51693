package io.counterfoil.edge.http;

import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.edge.testing.LandedLog;
import io.counterfoil.edge.testing.RawHttp;
import io.counterfoil.edge.testing.RawHttp.Response;
import io.counterfoil.edge.testing.RawOrigin;
import io.counterfoil.edge.testing.RunningEdge;
import io.counterfoil.edge.testing.TestControlPlane;
import io.counterfoil.edge.testing.Until;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

import static org.assertj.core.api.Assertions.assertThat;

/** What goes through the edge to a server behind it, over real sockets, and what the log says of it. */
class ProxyTest {
    private static final String KEY = "a-key-of-the-test-1234567890";
    private static final String BEARER = "Authorization: Bearer " + KEY;
    private static final int MEBIBYTE = 1 << 20;

    @TempDir
    Path folder;

    private TestControlPlane control;
    private RunningEdge edge;

    @BeforeEach
    void createKey() {
        control = new TestControlPlane();
        control.createKey("acme-prod", KEY, "refuse");
    }

    @AfterEach
    void stop() throws Exception {
        if (edge != null) {
            edge.close();
        }
    }

    private void start(String originFields) throws IOException {
        Files.writeString(folder.resolve("edge.yaml"), """
                edge: edge-1
                listen: 127.0.0.1:0
                drain: 2s
                event_loops: 1
                routes:
                  - {name: api, path: '/v1/{rest*}', units: 2, origin: {%s}}
                """.formatted(originFields));
        edge = new RunningEdge(folder, control.jdbcUrl(), Clock.systemUTC());
    }

    private Response once(String request) throws Exception {
        return RawHttp.once(edge.address(), request);
    }

    private RequestFacts onlyRecord() throws Exception {
        LandedLog log = edge.drain();
        assertThat(log.unequal()).isEmpty();
        assertThat(log.records()).hasSize(1);
        return log.records().get(0).facts();
    }

    @Test
    void passesOnWhatMayPassAndAddsWhoAsks() throws Exception {
        try (RawOrigin origin = RawOrigin.answering(
                "201 Created\r\nX-Answer: yes\r\nConnection: x-hop\r\nX-Hop: gone\r\nCounterfoil-Units: 7\r\nETag: \"e\"",
                "{\"ok\":true}")) {
            start("url: '" + origin.url() + "/base'");
            Response response = once(RawHttp.request(
                            "POST",
                            "/v1/a%20b/c?x=1&y=%2f",
                            BEARER,
                            "X-API-Key: " + KEY,
                            "Content-Length: 5",
                            "X-Request-Id: r-1",
                            "X-Custom: kept",
                            "Connection: keep-alive, X-Secret-Hop",
                            "X-Secret-Hop: 1",
                            "TE: trailers",
                            "Upgrade: websocket",
                            "Counterfoil-Account: 999",
                            "X-Forwarded-For: 203.0.113.9",
                            "Forwarded: for=203.0.113.9")
                    + "hello");
            assertThat(response.status()).isEqualTo(201);
            assertThat(response.body()).isEqualTo("{\"ok\":true}");
            assertThat(response.header("x-answer")).isEqualTo("yes");
            assertThat(response.header("etag")).isEqualTo("\"e\"");
            assertThat(response.header("x-request-id")).isEqualTo("r-1");
            assertThat(response.headers()).doesNotContainKeys("counterfoil-units", "x-hop");

            String head = origin.heads().get(0);
            assertThat(head).startsWith("POST /base/v1/a%20b/c?x=1&y=%2f HTTP/1.1\r\n");
            assertThat(head).doesNotContain(KEY, "203.0.113.9", "999", "x-secret-hop", "websocket", "trailers");
            assertThat(RawOrigin.field(head, "x-custom")).isEqualTo("kept");
            assertThat(RawOrigin.field(head, "x-request-id")).isEqualTo("r-1");
            assertThat(RawOrigin.field(head, "host")).isEqualTo(origin.url().substring("http://".length()));
            assertThat(RawOrigin.field(head, "counterfoil-key-id")).isEqualTo("1");
            assertThat(RawOrigin.field(head, "counterfoil-account")).isEqualTo("1");
            assertThat(RawOrigin.field(head, "x-forwarded-for")).isEqualTo("127.0.0.1");
            assertThat(RawOrigin.field(head, "x-forwarded-proto")).isEqualTo("http");
            assertThat(RawOrigin.field(head, "x-forwarded-host")).isEqualTo("edge");
            assertThat(RawOrigin.field(head, "forwarded")).isEqualTo("for=127.0.0.1;host=\"edge\";proto=http");
        }
        RequestFacts facts = onlyRecord();
        assertThat(List.of(facts.status(), facts.bytesIn(), facts.bytesOut(), facts.units()))
                .isEqualTo(List.of(201, 5L, 11L, 7L));
    }

    @Test
    void keepsConnectionsAndPassesAnswersWithoutBody() throws Exception {
        try (RawOrigin origin = new RawOrigin((head, in, out) -> {
            String answer = head.startsWith("HEAD")
                    ? "200 OK\r\nContent-Length: 1234"
                    : head.contains("/304 ") ? "304 Not Modified\r\nETag: \"e\"" : "204 No Content";
            out.write(("HTTP/1.1 " + answer + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return true;
        })) {
            start("url: '" + origin.url() + "'");
            try (RawHttp http = new RawHttp(edge.address())) {
                Response head =
                        http.send(RawHttp.request("HEAD", "/v1/h", BEARER)).receive(false);
                assertThat(head.status() + head.header("content-length")).isEqualTo("2001234");
                assertThat(http.send(RawHttp.get("/v1/204", BEARER)).receive().status())
                        .isEqualTo(204);
                assertThat(http.send(RawHttp.get("/v1/304", BEARER))
                                .receive(false)
                                .header("etag"))
                        .isEqualTo("\"e\"");
                assertThat(http.send(RawHttp.get("/v1/204", BEARER)).receive().status())
                        .isEqualTo(204);
            }
            assertThat(origin.connections()).isEqualTo(1);
        }
        LandedLog log = edge.drain();
        assertThat(log.records().stream().map(LogRecord::facts).map(RequestFacts::bytesOut))
                .containsOnly(0L)
                .hasSize(4);
        assertThat(log.unequal()).isEmpty();
    }

    @Test
    void slowsAnOriginDownToWhatItsClientReads() throws Exception {
        byte[] part = new byte[MEBIBYTE];
        int parts = 64;
        AtomicLong written = new AtomicLong();
        try (RawOrigin origin = new RawOrigin((head, in, out) -> {
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + (long) parts * part.length + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < parts; i++) {
                out.write(part);
                written.addAndGet(part.length);
            }
            return true;
        })) {
            start("url: '" + origin.url() + "'");
            try (RawHttp http = new RawHttp(edge.address())) {
                http.send(RawHttp.get("/v1/large", BEARER));
                long before = -1;
                // It goes on only while somebody takes it.
                while (written.get() != before || before == 0) {
                    before = written.get();
                    new CountDownLatch(1).await(300, java.util.concurrent.TimeUnit.MILLISECONDS);
                }
                assertThat(before).isLessThan(48L * MEBIBYTE);
                assertThat(http.receive().body().length()).isEqualTo(parts * MEBIBYTE);
            }
        }
        assertThat(onlyRecord().bytesOut()).isEqualTo((long) parts * MEBIBYTE);
    }

    @Test
    void slowsAClientDownToWhatTheOriginReads() throws Exception {
        int parts = 48;
        CountDownLatch read = new CountDownLatch(1);
        try (RawOrigin origin = new RawOrigin((head, in, out) -> {
            read.await();
            in.skipNBytes((long) parts * MEBIBYTE);
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return true;
        })) {
            start("url: '" + origin.url() + "', max_body: 1GiB");
            AtomicLong sent = new AtomicLong();
            try (RawHttp http = new RawHttp(edge.address())) {
                http.send(RawHttp.request("PUT", "/v1/large", BEARER, "Content-Length: " + (long) parts * MEBIBYTE));
                Thread writer = new Thread(() -> {
                    try {
                        for (int i = 0; i < parts; i++) {
                            http.send("x".repeat(MEBIBYTE));
                            sent.incrementAndGet();
                        }
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
                writer.start();
                writer.join(1500);
                assertThat(sent.get()).isLessThan(32);
                read.countDown();
                assertThat(http.receive().status()).isEqualTo(200);
                writer.join();
            }
        }
        assertThat(onlyRecord().bytesIn()).isEqualTo((long) parts * MEBIBYTE);
    }

    @Test
    void passesEventsOnAsTheyCome() throws Exception {
        CountDownLatch more = new CountDownLatch(1);
        try (RawOrigin origin = new RawOrigin((head, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            more.await();
            out.write("6\r\nsecond\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return true;
        })) {
            start("url: '" + origin.url() + "'");
            try (RawHttp http = new RawHttp(edge.address())) {
                http.send(RawHttp.get("/v1/events", BEARER));
                assertThat(http.readUntil("first")).contains("chunked");
                more.countDown();
                http.readUntil("second\r\n0\r\n\r\n");
            }
        }
        assertThat(onlyRecord().bytesOut()).isEqualTo(11);
    }

    @Test
    void tellsAnOriginThatIsNotThereFromOneThatDoesNotAnswer() throws Exception {
        RawOrigin gone = RawOrigin.answering("200 OK", "");
        gone.close();
        start("url: '" + gone.url() + "'");
        Response refused = once(RawHttp.get("/v1/x", BEARER));
        assertThat(refused.status()).isEqualTo(502);
        assertThat(refused.header("content-type")).isEqualTo("application/problem+json");
        assertThat(onlyRecord().status()).isEqualTo(502);
        edge = null;

        CountDownLatch never = new CountDownLatch(1);
        try (RawOrigin silent = new RawOrigin((head, in, out) -> {
            never.await();
            return false;
        })) {
            start("url: '" + silent.url() + "', response_timeout: 300ms");
            Response late = once(RawHttp.get("/v1/x", BEARER));
            assertThat(late.status()).isEqualTo(504);
            assertThat(late.body()).contains("did not answer in time");
            LandedLog log = edge.drain();
            assertThat(log.records()).hasSize(2);
            assertThat(log.unequal()).isEmpty();
            never.countDown();
        }
    }

    @Test
    void endsAnAnswerThatItsOriginBreaksOffOrStalls() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (RawOrigin origin = new RawOrigin((head, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            if (head.contains("/stall")) {
                never.await();
            }
            return false;
        })) {
            start("url: '" + origin.url() + "', idle_timeout: 300ms");
            for (String path : List.of("/v1/break", "/v1/stall")) {
                try (RawHttp http = new RawHttp(edge.address())) {
                    http.send(RawHttp.get(path, BEARER));
                    org.assertj.core.api.Assertions.assertThatThrownBy(http::receive)
                            .hasMessageContaining("within a body");
                }
            }
            never.countDown();
        }
        LandedLog log = edge.drain();
        assertThat(log.records().stream().map(LogRecord::facts).map(f -> f.status() + " " + f.bytesOut()))
                .containsExactly("200 4", "200 4");
        assertThat(log.unequal()).isEmpty();
    }

    @Test
    void repeatsNothingThatWasSent() throws Exception {
        try (RawOrigin origin = new RawOrigin((head, in, out) -> false)) {
            start("url: '" + origin.url() + "'");
            assertThat(once(RawHttp.get("/v1/x", BEARER)).status()).isEqualTo(502);
            assertThat(once(RawHttp.request("POST", "/v1/x", BEARER, "Content-Length: 2") + "ab")
                            .status())
                    .isEqualTo(502);
            assertThat(origin.heads()).hasSize(2);
        }
        assertThat(edge.drain().records()).hasSize(2);
    }

    @Test
    void logsOnceWhomItsClientLeaves() throws Exception {
        CountDownLatch seen = new CountDownLatch(2);
        CountDownLatch never = new CountDownLatch(1);
        try (RawOrigin origin = new RawOrigin((head, in, out) -> {
            if (head.contains("/body")) {
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nsome".getBytes(StandardCharsets.US_ASCII));
                out.flush();
            }
            seen.countDown();
            // Reads until the edge ends the connection.
            in.read();
            return false;
        })) {
            start("url: '" + origin.url() + "'");
            RawHttp before = new RawHttp(edge.address()).send(RawHttp.get("/v1/head", BEARER));
            RawHttp within = new RawHttp(edge.address()).send(RawHttp.get("/v1/body", BEARER));
            within.readUntil("some");
            seen.await();
            before.reset();
            within.close();
            Until.isTrue("the origin's connections end", () -> origin.open() == 0);
            never.countDown();
        }
        LandedLog log = edge.drain();
        assertThat(log.records().stream().map(LogRecord::facts).map(f -> f.status() + " " + f.bytesOut()))
                .containsExactlyInAnyOrder("499 0", "200 4");
        assertThat(log.unequal()).isEmpty();
    }

    @Test
    void refusesBodiesThatAreTooLargeAndPathsThatWalkUp() throws Exception {
        // It waits for bodies that never come whole.
        try (RawOrigin origin = new RawOrigin((head, in, out) -> in.read() < 0 || in.skip(1000) < 0)) {
            start("url: '" + origin.url() + "', max_body: 10B");
            assertThat(once(RawHttp.request("POST", "/v1/x", BEARER, "Content-Length: 11"))
                            .status())
                    .isEqualTo(413);
            assertThat(once(RawHttp.request("POST", "/v1/x", BEARER, "Transfer-Encoding: chunked")
                                    + "b\r\nhello world\r\n0\r\n\r\n")
                            .status())
                    .isEqualTo(413);
            assertThat(once(RawHttp.get("/v1/../admin", BEARER)).status()).isEqualTo(404);
            assertThat(once(RawHttp.get("/v1/%2E%2e/admin", BEARER)).status()).isEqualTo(404);
            assertThat(once(RawHttp.get("/v1/x")).status()).isEqualTo(401);
            assertThat(origin.heads().stream().filter(head -> !head.startsWith("POST")))
                    .isEmpty();
        }
        LandedLog log = edge.drain();
        assertThat(log.records()).hasSize(5);
        assertThat(log.unequal()).isEmpty();
    }

    @Test
    void keepsACallersKeyToItselfUnlessToldOtherwise() throws Exception {
        try (RawOrigin origin = RawOrigin.answering("200 OK", "")) {
            start("url: '" + origin.url() + "', pass_key: true");
            assertThat(once(RawHttp.get("/v1/x", "X-API-Key: " + KEY, "Authorization: Basic YTpi"))
                            .status())
                    .isEqualTo(200);
            assertThat(RawOrigin.field(origin.heads().get(0), "x-api-key")).isEqualTo(KEY);
            assertThat(RawOrigin.field(origin.heads().get(0), "authorization")).isEqualTo("Basic YTpi");
        }
    }
}
