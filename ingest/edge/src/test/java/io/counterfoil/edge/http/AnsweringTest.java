package io.counterfoil.edge.http;

import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.edge.testing.LandedLog;
import io.counterfoil.edge.testing.RawHttp;
import io.counterfoil.edge.testing.RawHttp.Response;
import io.counterfoil.edge.testing.RunningEdge;
import io.counterfoil.edge.testing.TestControlPlane;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.function.Function;

import static org.assertj.core.api.Assertions.assertThat;

/** What a client gets over a real socket, and what the landed log then says of it. */
class AnsweringTest {
    private static final String KEY = "a-key-of-the-test-1234567890";
    private static final String BEARER = "Authorization: Bearer " + KEY;

    @TempDir
    Path folder;

    private RunningEdge edge;

    @BeforeEach
    void start() {
        TestControlPlane control = new TestControlPlane();
        control.createKey("acme-prod", KEY, "refuse");
        edge = new RunningEdge(folder, control.jdbcUrl(), Clock.systemUTC());
    }

    @AfterEach
    void stop() throws Exception {
        edge.close();
    }

    private Response once(String request) throws Exception {
        return RawHttp.once(edge.address(), request);
    }

    private static <T> List<T> column(LandedLog log, Function<RequestFacts, T> column) {
        return log.records().stream().map(LogRecord::facts).map(column).toList();
    }

    private static void assertOneRecordEach(LandedLog log, int requests) {
        assertThat(log.records()).hasSize(requests);
        assertThat(log.unequal()).isEmpty();
    }

    @Test
    void servesADocumentToAKeyAndLogsIt() throws Exception {
        Response response = once(RawHttp.get("/v1/items/2?lang=en", BEARER, "X-Request-Id: r-1"));
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).contains("\"name\":\"Denali\"");
        assertThat(response.header("content-type")).isEqualTo("application/json");
        assertThat(response.header("x-request-id")).isEqualTo("r-1");
        assertThat(response.header("date")).endsWith("GMT");

        LandedLog log = edge.drain();
        assertOneRecordEach(log, 1);
        RequestFacts facts = log.records().get(0).facts();
        assertThat(facts)
                .isEqualTo(new RequestFacts(
                        1,
                        "items",
                        "GET",
                        200,
                        0,
                        response.body().length(),
                        facts.durationMicros(),
                        1,
                        Decision.ADMITTED,
                        "r-1",
                        "",
                        "/v1/items/2"));
    }

    @Test
    void answersHeadWithTheLengthAndNoBody() throws Exception {
        try (RawHttp http = new RawHttp(edge.address())) {
            Response head =
                    http.send(RawHttp.request("HEAD", "/v1/items/1", BEARER)).receive(false);
            Response get = http.send(RawHttp.get("/v1/items/1", BEARER)).receive();
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.header("content-length")).isEqualTo("" + get.body().length());
        }
        LandedLog log = edge.drain();
        assertOneRecordEach(log, 2);
        assertThat(column(log, RequestFacts::bytesOut).get(0)).isZero();
    }

    @Test
    void acceptsAKeyInEitherHeaderButNotTwoDifferentOnes() throws Exception {
        assertThat(once(RawHttp.get("/v1/items/1", "X-API-Key: " + KEY)).status())
                .isEqualTo(200);
        assertThat(once(RawHttp.get("/v1/items/1", "X-API-Key: " + KEY, BEARER)).status())
                .isEqualTo(200);
        assertThat(once(RawHttp.get("/v1/items/1", "X-API-Key: other", BEARER)).status())
                .isEqualTo(401);
        assertThat(once(RawHttp.get("/v1/items/1", "authorization: bearer " + KEY))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void answersMissingUnknownAndOverlongKeysAlike() throws Exception {
        Response missing = once(RawHttp.get("/v1/items/1"));
        assertThat(missing.status()).isEqualTo(401);
        assertThat(missing.header("www-authenticate")).isEqualTo("Bearer");
        assertThat(missing.header("content-type")).isEqualTo("application/problem+json");
        assertThat(missing.body()).contains("\"title\":\"Unauthorized\",\"status\":401,\"detail\":\"A valid API key");
        for (String header :
                List.of("X-API-Key: wrong", "Authorization: Basic YTpi", "X-API-Key: " + "k".repeat(513))) {
            assertThat(once(RawHttp.get("/v1/items/1", header)).body()).isEqualTo(missing.body());
        }
        LandedLog log = edge.drain();
        assertOneRecordEach(log, 4);
        assertThat(column(log, facts -> facts.decision().text())).containsOnly("unauthorized");
        assertThat(column(log, RequestFacts::keyId)).containsOnly(0L);
    }

    @Test
    void tellsUnroutedUnknownAndForbiddenMethodsApart() throws Exception {
        assertThat(once(RawHttp.get("/nowhere", BEARER)).body()).contains("nothing at this path");
        assertThat(once(RawHttp.get("/v1/items/9", BEARER)).body()).contains("no document");
        Response delete = once(RawHttp.request("DELETE", "/v1/items/1", BEARER));
        assertThat(delete.status()).isEqualTo(405);
        assertThat(delete.header("allow")).isEqualTo("GET, HEAD");

        LandedLog log = edge.drain();
        assertOneRecordEach(log, 3);
        assertThat(column(
                        log,
                        facts -> facts.status() + " " + facts.decision().text() + " " + facts.route() + " "
                                + facts.keyId()))
                .containsExactlyInAnyOrder("404 unrouted - 1", "404 admitted items 1", "405 admitted items 1");
    }

    @Test
    void takesNoWayOutOfTheDataset() throws Exception {
        for (String path : List.of(
                "/v1/items/../edge.yaml",
                "/v1/items/..%2f..%2fedge.yaml",
                "/v1/items/%2e%2e%2f1",
                "/v1/items/%00",
                "/v1/items/%zz",
                "/v1/items/",
                "/v1/items/1/",
                "//v1/items/1",
                "/v1/items/%c3%28")) {
            assertThat(once(RawHttp.get(path, BEARER)).status()).as(path).isEqualTo(404);
        }
        assertThat(once(RawHttp.get("/v1/items/%31", BEARER)).status()).isEqualTo(200);
        assertThat(once(RawHttp.get("/v1/items/%2531", BEARER)).status()).isEqualTo(404);
    }

    @Test
    void answersPipelinedRequestsInOrderEachLoggedOnce() throws Exception {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            many.append(RawHttp.get("/v1/items/" + (i % 5 + 1), BEARER, "X-Request-Id: p" + i));
        }
        try (RawHttp http = new RawHttp(edge.address())) {
            http.send(many.toString());
            for (int i = 0; i < 500; i++) {
                Response response = http.receive();
                assertThat(response.header("x-request-id")).isEqualTo("p" + i);
                assertThat(response.body()).contains("{\"id\":" + (i % 5 + 1) + ",");
            }
        }
        LandedLog log = edge.drain();
        assertOneRecordEach(log, 500);
        assertThat(column(log, RequestFacts::requestId)).doesNotHaveDuplicates();
    }

    @Test
    void stopsReadingFromAClientThatNeverReads() throws Exception {
        String batch = RawHttp.get("/v1/items/3", BEARER).repeat(200);
        int batches = 1000;
        try (RawHttp http = new RawHttp(edge.address())) {
            Thread writer = new Thread(() -> {
                try {
                    for (int i = 0; i < batches; i++) {
                        http.send(batch);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            writer.start();
            // The edge stops reading, so the writer's socket fills up: it is still writing while nobody reads.
            writer.join(1500);
            assertThat(writer.isAlive()).isTrue();
            for (int i = 0; i < batches * 200; i++) {
                assertThat(http.receive().status()).isEqualTo(200);
            }
            writer.join();
        }
        assertOneRecordEach(edge.drain(), batches * 200);
    }

    @Test
    void readsAndDropsABodyUpToItsBound() throws Exception {
        String body = "x".repeat(70_000);
        try (RawHttp http = new RawHttp(edge.address())) {
            http.send(RawHttp.request("POST", "/v1/items/1", BEARER, "Content-Length: 70000") + body);
            assertThat(http.receive().status()).isEqualTo(405);
            http.send(RawHttp.request(
                    "GET", "/v1/items/1", BEARER, "Transfer-Encoding: chunked", "Expect: 100-continue"));
            assertThat(http.receive().status()).isEqualTo(100);
            http.send("5\r\nhello\r\n0\r\n\r\n");
            assertThat(http.receive().status()).isEqualTo(200);
            http.send(RawHttp.request("POST", "/v1/items/1", BEARER, "Content-Length: 1048577"));
            assertThat(http.receive().status()).isEqualTo(413);
            assertThat(http.isEnded()).isTrue();
        }
        LandedLog log = edge.drain();
        assertOneRecordEach(log, 3);
        assertThat(column(log, RequestFacts::bytesIn)).containsExactlyInAnyOrder(70_000L, 5L, 0L);
    }

    @Test
    void logsOnceWhatAClientAbandonsWithinItsBody() throws Exception {
        RawHttp http = new RawHttp(edge.address());
        http.send(RawHttp.request("POST", "/v1/items/1", BEARER, "Content-Length: 100", "Expect: 100-continue"));
        // The request has begun.
        assertThat(http.receive().status()).isEqualTo(100);
        http.send("half");
        http.reset();
        LandedLog log = edge.drain();
        assertOneRecordEach(log, 1);
        assertThat(log.records().get(0).facts().status()).isEqualTo(499);
        assertThat(log.records().get(0).facts().keyId()).isEqualTo(1);
    }

    @Test
    void answersNothingBehindTheLastRequestOfAConnection() throws Exception {
        String last = RawHttp.get("/v1/items/1", BEARER, "Connection: close", "X-Request-Id: last");
        try (RawHttp http = new RawHttp(edge.address())) {
            http.send(last + RawHttp.get("/v1/items/2", BEARER, "X-Request-Id: behind"));
            assertThat(http.receive().header("x-request-id")).isEqualTo("last");
            assertThat(http.isEnded()).isTrue();
        }
        try (RawHttp http = new RawHttp(edge.address())) {
            http.send("GET /v1/items/1 HTTP/1.0\r\n" + BEARER + "\r\n\r\n");
            assertThat(http.receive().status()).isEqualTo(200);
            assertThat(http.isEnded()).isTrue();
        }
        LandedLog log = edge.drain();
        assertOneRecordEach(log, 2);
        assertThat(column(log, RequestFacts::requestId)).containsExactlyInAnyOrder("last", "");
    }

    @Test
    void answersWhatIsNoRequestWith400AndCloses() throws Exception {
        List<String> malformed = List.of(
                "GARBAGE\r\n\r\n",
                "GET /v1/items/1 HTTP/1.1\r\nbad header\r\n\r\n",
                "POST /v1/items/1 HTTP/1.1\r\nContent-Length: x\r\n\r\n");
        for (String request : malformed) {
            try (RawHttp http = new RawHttp(edge.address())) {
                Response response = http.send(request).receive();
                assertThat(response.status()).as(request).isEqualTo(400);
                assertThat(response.header("connection")).isEqualTo("close");
                assertThat(http.isEnded()).isTrue();
            }
        }
        assertThat(once(RawHttp.get("/" + "u".repeat(9000))).status()).isEqualTo(414);
        assertThat(once(RawHttp.get("/v1/items/1", "X-Large: " + "h".repeat(17_000)))
                        .status())
                .isEqualTo(431);
        assertThat(once("GET /v1/items/1 HTTP/3.7\r\n\r\n").status()).isEqualTo(505);
        try (RawHttp http = new RawHttp(edge.address())) {
            http.send(RawHttp.request("POST", "/v1/items/1", BEARER, "Transfer-Encoding: chunked") + "zz\r\n");
            assertThat(http.receive().status()).isEqualTo(400);
            assertThat(http.isEnded()).isTrue();
        }
        LandedLog log = edge.drain();
        assertOneRecordEach(log, 7);
        assertThat(column(log, RequestFacts::status)).containsExactlyInAnyOrder(400, 400, 400, 414, 431, 505, 400);
    }

    @Test
    void logsNothingOfAHeadThatNeverEnds() throws Exception {
        try (RawHttp http = new RawHttp(edge.address())) {
            http.send("GET /v1/items/1 HTTP/1.1\r\nHost: e");
        }
        assertThat(once(RawHttp.get("/v1/items/1", BEARER)).status()).isEqualTo(200);
        assertOneRecordEach(edge.drain(), 1);
    }
}
