package io.counterfoil.edge.http;

import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.edge.testing.LandedLog;
import io.counterfoil.edge.testing.RawHttp;
import io.counterfoil.edge.testing.RawOrigin;
import io.counterfoil.edge.testing.RunningEdge;
import io.counterfoil.edge.testing.TestControlPlane;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Clients and origins that are slow, odd or hostile at once: nobody else pays for it, and the log has it right. */
class ProxyFaultsTest {
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

    private void start(String originFields, Clock clock) throws IOException {
        Files.createDirectories(folder.resolve("items"));
        // 24 MiB and one byte.
        String element = "\"" + "x".repeat(MEBIBYTE - 3) + "\"";
        Files.writeString(
                folder.resolve("items/large.json"), "[" + String.join(",", Collections.nCopies(24, element)) + "]");
        Files.writeString(folder.resolve("edge.yaml"), """
                edge: edge-1
                listen: 127.0.0.1:0
                drain: 10s
                event_loops: 1
                limits: {head_timeout: 1s}
                routes:
                  - {name: items, path: '/v1/items/{id}', dataset: items}
                  - {name: api, path: '/v1/{rest*}', origin: {%s}}
                """.formatted(originFields));
        edge = new RunningEdge(folder, control.jdbcUrl(), clock);
    }

    private LandedLog drain() throws Exception {
        LandedLog log = edge.drain();
        assertThat(log.unequal()).isEmpty();
        return log;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void waitsForASlowOriginWhateverItsClientPipelines() throws Exception {
        try (RawOrigin origin = new RawOrigin((head, in, out) -> {
            new CountDownLatch(1).await(2500, TimeUnit.MILLISECONDS);
            out.write(ascii("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
            return true;
        })) {
            start("url: '" + origin.url() + "'", Clock.systemUTC());
            try (RawHttp http = new RawHttp(edge.address())) {
                String second = RawHttp.get("/v1/b", BEARER);
                http.send(RawHttp.get("/v1/a", BEARER) + second.substring(0, 20));
                http.send(second.substring(20));
                assertThat(http.receive().body()).isEqualTo("ok");
                assertThat(http.receive().body()).isEqualTo("ok");
            }
        }
        assertThat(drain().records())
                .extracting(record -> record.facts().status())
                .containsExactly(200, 200);
    }

    @Test
    void givesAConnectionBackWhateverItsOriginDoes() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (RawOrigin origin = new RawOrigin((head, in, out) -> {
            if (head.contains("/stall")) {
                out.write(ascii("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"));
                out.flush();
                never.await();
            }
            if (head.contains("/early")) {
                out.write(ascii("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"));
                out.flush();
                never.await();
            }
            out.write(ascii("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
            return true;
        })) {
            start("url: '" + origin.url() + "', connections: 1, idle_timeout: 400ms", Clock.systemUTC());
            try (RawHttp http = new RawHttp(edge.address())) {
                http.send(RawHttp.get("/v1/stall", BEARER));
                assertThatThrownBy(http::receive).hasMessageContaining("within a body");
            }
            assertThat(RawHttp.once(edge.address(), RawHttp.get("/v1/ok", BEARER))
                            .status())
                    .isEqualTo(200);
            try (RawHttp http = new RawHttp(edge.address())) {
                http.send(RawHttp.request("POST", "/v1/early", BEARER, "Content-Length: 100") + "part");
                assertThat(http.receive().status()).isEqualTo(403);
                assertThat(http.isEnded()).isTrue();
            }
            assertThat(RawHttp.once(edge.address(), RawHttp.get("/v1/ok", BEARER))
                            .status())
                    .isEqualTo(200);
            never.countDown();
        }
        assertThat(drain().records())
                .extracting(record -> record.facts().status())
                .containsExactly(200, 200, 403, 200);
    }

    @Test
    void takesNoInformationalAnswerForAFinalOne() throws Exception {
        try (RawOrigin origin = new RawOrigin((head, in, out) -> {
            out.write(ascii("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
            return true;
        })) {
            start("url: '" + origin.url() + "'", Clock.systemUTC());
            assertThat(RawHttp.once(edge.address(), RawHttp.get("/v1/a", BEARER))
                            .status())
                    .isEqualTo(502);
        }
        assertThat(drain().records()).hasSize(1);
    }

    @Test
    void sendsAnOriginNothingThatItCouldTakeForSomethingElse() throws Exception {
        try (RawOrigin origin = RawOrigin.answering("200 OK", "ok")) {
            start("url: '" + origin.url() + "'", Clock.systemUTC());
            for (String path : new String[] {
                "/v1/..%2fadmin", "/v1/..%5cadmin", "/v1/..\\admin", "/v1/..;x/admin", "/v1/a/%2e%2E;/b", "/v1/a/.%2fb"
            }) {
                assertThat(RawHttp.once(edge.address(), RawHttp.get(path, BEARER))
                                .status())
                        .as(path)
                        .isEqualTo(404);
            }
            assertThat(RawHttp.once(edge.address(), RawHttp.get("x?http:///v1/a", BEARER))
                            .status())
                    .isEqualTo(400);
            assertThat(origin.heads()).isEmpty();
            assertThat(RawHttp.once(
                                    edge.address(),
                                    RawHttp.get(
                                            "http://evil.example/v1/a.b/..c?q=1",
                                            BEARER,
                                            "Counterfoil_Account: 999",
                                            "X_Forwarded_For: 203.0.113.9",
                                            "X_Custom: kept"))
                            .status())
                    .isEqualTo(200);
            String head = origin.heads().get(0);
            assertThat(head).startsWith("GET /v1/a.b/..c?q=1 HTTP/1.1\r\n");
            assertThat(head).doesNotContain("evil.example", "999", "203.0.113.9");
            assertThat(RawOrigin.field(head, "x_custom")).isEqualTo("kept");
        }
        assertThat(drain().records()).hasSize(8);
    }

    @Test
    void readsNothingBehindARequestThatIsNotAnsweredYet() throws Exception {
        byte[] part = new byte[MEBIBYTE];
        int parts = 48;
        try (RawOrigin origin = new RawOrigin((head, in, out) -> {
            if (head.startsWith("GET")) {
                out.write(ascii("HTTP/1.1 200 OK\r\nContent-Length: " + (long) parts * part.length + "\r\n\r\n"));
                for (int i = 0; i < parts; i++) {
                    out.write(part);
                }
                return true;
            }
            in.skipNBytes((long) parts * MEBIBYTE);
            out.write(ascii("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
            return true;
        })) {
            start("url: '" + origin.url() + "', max_body: 1GiB", Clock.systemUTC());
            AtomicLong sent = new AtomicLong();
            try (RawHttp http = new RawHttp(edge.address())) {
                http.send(RawHttp.get("/v1/down", BEARER));
                http.send(RawHttp.request("POST", "/v1/up", BEARER, "Content-Length: " + (long) parts * MEBIBYTE));
                Thread writer = new Thread(() -> {
                    try {
                        for (int i = 0; i < parts; i++) {
                            http.send("y".repeat(MEBIBYTE));
                            sent.incrementAndGet();
                        }
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
                writer.start();
                http.readUntil("\r\n\r\n");
                // Taken in steps: each makes the edge's socket writable, and full again.
                for (int i = 0; i < parts - 1; i++) {
                    http.skip(MEBIBYTE);
                }
                assertThat(sent.get())
                        .as("MiB taken of a body whose turn has not come")
                        .isLessThan(24);
                http.skip(MEBIBYTE);
                assertThat(http.receive().body()).isEqualTo("ok");
                writer.join();
            }
        }
        assertThat(drain().records()).extracting(LogRecord::facts).hasSize(2);
    }

    @Test
    void letsASlowReaderHaveItsAnswerWhileItStops() throws Exception {
        start("url: 'http://127.0.0.1:1'", Clock.systemUTC());
        try (RawHttp http = new RawHttp(edge.address())) {
            http.send(RawHttp.get("/v1/items/large", BEARER));
            http.readUntil("\r\n\r\n");
            Thread stopping = new Thread(() -> {
                try {
                    drain();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            stopping.start();
            for (int i = 0; i < 24; i++) {
                http.skip(MEBIBYTE);
                new CountDownLatch(1).await(50, TimeUnit.MILLISECONDS);
            }
            http.skip(1);
            assertThat(http.isEnded()).isTrue();
            stopping.join();
        }
    }

    @Test
    void writesADateOfTwoDigits() throws Exception {
        Instant third = Instant.parse("2026-12-03T10:00:00Z");
        start("url: 'http://127.0.0.1:1'", Clock.offset(Clock.systemUTC(), Duration.between(Instant.now(), third)));
        assertThat(RawHttp.once(edge.address(), RawHttp.get("/none")).header("date"))
                .matches("Thu, 03 Dec 2026 10:0\\d:\\d\\d GMT");
    }
}
