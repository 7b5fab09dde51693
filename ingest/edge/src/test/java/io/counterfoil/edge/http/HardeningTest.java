package io.counterfoil.edge.http;

import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.edge.testing.LandedLog;
import io.counterfoil.edge.testing.RawHttp;
import io.counterfoil.edge.testing.RunningEdge;
import io.counterfoil.edge.testing.TestControlPlane;
import io.counterfoil.edge.testing.Until;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

/** What hostile and broken clients get, byte by byte, and that each leaves exactly its records. */
class HardeningTest {
    private static final String KEY = "a-key-of-the-test-1234567890";
    private static final String BEARER = "Authorization: Bearer " + KEY;
    /** Behind what two servers could read differently: it must never be answered. */
    private static final String SMUGGLED = RawHttp.get("/v1/items/1", BEARER, "X-Request-Id: smuggled");

    private static final int SLOW = 2_000;

    @TempDir
    Path folder;

    private RunningEdge edge;

    @BeforeEach
    void start() throws Exception {
        TestControlPlane control = new TestControlPlane();
        control.createKey("acme-prod", KEY, "refuse");
        Files.createDirectory(folder.resolve("items"));
        Files.writeString(folder.resolve("items/1.json"), "{\"v\":1}");
        Files.writeString(folder.resolve("edge.yaml"), """
                edge: edge-1
                listen: 127.0.0.1:0
                drain: 1s
                limits: {head_timeout: 2s, idle_timeout: 3s}
                routes:
                  - {name: items, path: '/v1/items/{id}', dataset: items}
                """);
        edge = new RunningEdge(folder, control.jdbcUrl(), Clock.systemUTC());
    }

    @AfterEach
    void stop() throws Exception {
        edge.close();
    }

    private LandedLog drain() throws Exception {
        LandedLog log = edge.drain();
        assertThat(log.unequal()).isEmpty();
        return log;
    }

    private static List<String> corpus() {
        String post = "POST /v1/items/1 HTTP/1.1\r\nHost: edge\r\n" + BEARER + "\r\n";
        String get = "GET /v1/items/1 HTTP/1.1\r\nHost: edge\r\n" + BEARER + "\r\n";
        return List.of(
                // Length and chunks, in either order and case.
                post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
                post + "transfer-encoding: CHUNKED\r\ncontent-length: 0\r\n\r\n0\r\n\r\n",
                // Two lengths, equal or not; lengths that are none.
                post + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
                post + "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd",
                post + "Content-Length: 4, 4\r\n\r\nabcd",
                post + "Content-Length: +4\r\n\r\nabcd",
                post + "Content-Length: -1\r\n\r\n",
                post + "Content-Length: 0x4\r\n\r\nabcd",
                post + "Content-Length: 99999999999999999999\r\n\r\n",
                post + "Content-Length : 4\r\n\r\nabcd",
                // Transfer codings other than chunked alone.
                post + "Transfer-Encoding: chunked, x\r\n\r\n0\r\n\r\n",
                post + "Transfer-Encoding: x, chunked\r\n\r\n0\r\n\r\n",
                post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
                post + "Transfer-Encoding: identity\r\n\r\n",
                post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
                post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
                post + "Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n",
                "POST /v1/items/1 HTTP/1.0\r\nHost: edge\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                // Line ends and folds.
                "GET /v1/items/1 HTTP/1.1\nHost: edge\n" + BEARER + "\n\n",
                get + "X-A: b\nX-C: d\r\n\r\n",
                get + "X-A: b\r\n folded\r\n\r\n",
                get + "X-A: b\r\n\tContent-Length: 4\r\n\r\n",
                "GET /v1/items/1 HTTP/1.1\r\n Host: edge\r\n\r\n",
                get + "X-A: b\rX-C: d\r\n\r\n",
                get + "X-A: b\u0000c\r\n\r\n",
                get + "X A: b\r\n\r\n",
                get + ": b\r\n\r\n",
                // Request lines.
                "GET  /v1/items/1 HTTP/1.1\r\nHost: edge\r\n\r\n",
                "GET /v1/items/1  HTTP/1.1\r\nHost: edge\r\n\r\n",
                "GET\t/v1/items/1 HTTP/1.1\r\nHost: edge\r\n\r\n",
                "GET /v1/items/1 x HTTP/1.1\r\nHost: edge\r\n\r\n",
                "GET /v1/items/\u0001 HTTP/1.1\r\nHost: edge\r\n\r\n",
                " GET /v1/items/1 HTTP/1.1\r\nHost: edge\r\n\r\n",
                "\u0000GET /v1/items/1 HTTP/1.1\r\nHost: edge\r\n\r\n",
                "GET /v1/items/1\r\nHost: edge\r\n\r\n",
                // Hosts.
                "GET /v1/items/1 HTTP/1.1\r\n" + BEARER + "\r\n\r\n",
                "GET /v1/items/1 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    }

    @Test
    void answersWhatTwoServersCouldReadDifferentlyWith400AndReadsNoFurther() throws Exception {
        List<String> corpus = corpus();
        for (String request : corpus) {
            try (RawHttp http = new RawHttp(edge.address())) {
                http.send(request + SMUGGLED);
                assertThat(http.receive().status()).as(request).isEqualTo(400);
                assertThat(http.isEnded()).as(request).isTrue();
            }
        }
        assertThat(drain().records())
                .hasSize(corpus.size())
                .extracting(LogRecord::facts)
                .allMatch(facts -> facts.status() == 400
                        && facts.keyId() == 0
                        && facts.requestId().isEmpty());
    }

    /** The same, a byte at a time: what is refused must not depend on how the bytes arrive. */
    @Test
    void refusesTheSameWhenItComesInPieces() throws Exception {
        List<String> corpus = corpus();
        for (String request : corpus) {
            try (RawHttp http = new RawHttp(edge.address())) {
                sendInPieces(http, request + SMUGGLED);
                assertThat(http.receive().status()).as(request).isEqualTo(400);
            }
        }
        assertThat(drain().records()).hasSize(corpus.size());
    }

    /** Until it is answered: what is refused is refused before all of it has come. */
    private static void sendInPieces(RawHttp http, String text) {
        try {
            for (int i = 0; i < text.length() && !http.hasAnswer(); i++) {
                http.send(text.substring(i, i + 1));
            }
        } catch (IOException e) {
            // The edge has answered and ended the connection.
            return;
        }
    }

    @Test
    void answersBadChunksOnceAndEmptyLinesBeforeARequestNotAtAll() throws Exception {
        for (String chunks : List.of("zz\r\n", "4;a\u0000b\r\nabcd\r\n", "-1\r\n", "4\r\nabcde\r\n", "4\nabcd\r\n")) {
            try (RawHttp http = new RawHttp(edge.address())) {
                http.send(RawHttp.request("POST", "/v1/items/1", BEARER, "Transfer-Encoding: chunked")
                        + chunks
                        + SMUGGLED);
                assertThat(http.receive().status()).as(chunks).isEqualTo(400);
                assertThat(http.isEnded()).isTrue();
            }
        }
        assertThat(RawHttp.once(edge.address(), "\r\n\r\n" + RawHttp.get("/v1/items/1", BEARER))
                        .status())
                .isEqualTo(200);
        assertThat(drain().records()).hasSize(6);
    }

    @Test
    void keepsWhateverAPathHoldsOneRecord() throws Exception {
        List<String> paths = List.of(
                "/v1/items/%0d%0a%00%1b",
                "/v1/items/\u00ff\u00fe\u0080",
                "/v1/items/a,b\"c#d",
                "/v1/items/%c3%28",
                "/v1/items/" + "p".repeat(4000));
        for (String path : paths) {
            assertThat(RawHttp.once(edge.address(), RawHttp.get(path, BEARER)).status())
                    .as(path)
                    .isEqualTo(404);
        }
        assertThat(RawHttp.once(edge.address(), RawHttp.get("/" + "p".repeat(64 << 10)))
                        .status())
                .isEqualTo(414);
        assertThat(drain().records()).hasSize(paths.size() + 1);
    }

    @Test
    void closesSlowClientsWhileOthersAreServed() throws Exception {
        List<RawHttp> slow = new ArrayList<>();
        try {
            for (int i = 0; i < SLOW; i++) {
                RawHttp http = new RawHttp(edge.address());
                slow.add(http);
                switch (i % 3) {
                    case 0 -> http.send("GET /v1/items/1 HTTP/1.1\r\nHost: ed");
                    case 1 -> http.send(RawHttp.request("POST", "/v1/items/1", BEARER, "Content-Length: 100") + "part");
                    default -> {
                        // Connects, and says nothing.
                    }
                }
            }
            long before = System.nanoTime();
            try (RawHttp good = new RawHttp(edge.address())) {
                for (int i = 0; i < 500; i++) {
                    assertThat(good.send(RawHttp.get("/v1/items/1", BEARER))
                                    .receive()
                                    .status())
                            .isEqualTo(200);
                }
            }
            assertThat((System.nanoTime() - before) / 1e9).isLessThan(10);
            for (RawHttp http : slow) {
                assertThat(http.isEnded()).isTrue();
            }
        } finally {
            for (RawHttp http : slow) {
                http.close();
            }
        }
        LandedLog log = drain();
        List<Integer> statuses = log.records().stream()
                .map(LogRecord::facts)
                .map(RequestFacts::status)
                .toList();
        assertThat(statuses.stream().filter(status -> status == 200)).hasSize(500);
        assertThat(statuses.stream().filter(status -> status == 499)).hasSize((SLOW + 1) / 3);
        assertThat(statuses).hasSize(500 + (SLOW + 1) / 3);
    }

    @Test
    void letsATricklingHeadNotLiveLongerThanItMay() throws Exception {
        try (RawHttp http = new RawHttp(edge.address())) {
            http.send("GET /v1/items/1 HTTP/1.1\r\nX-Slow: ");
            long start = System.nanoTime();
            Until.isTrue("it is closed", () -> {
                try {
                    http.send("x");
                    return false;
                } catch (IOException e) {
                    return true;
                }
            });
            assertThat((System.nanoTime() - start) / 1e9).isBetween(1.0, 8.0);
        }
        assertThat(drain().records()).isEmpty();
    }
}
