package io.counterfoil.edge.collector;

import io.counterfoil.edge.EdgeSecrets;
import io.counterfoil.edge.testing.RawHttp;
import io.counterfoil.edge.testing.RunningEdge;
import io.counterfoil.edge.testing.TestControlPlane;
import io.counterfoil.sql.OperatorException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import static io.counterfoil.edge.collector.Posts.KEY;
import static io.counterfoil.edge.collector.Posts.TOKEN;
import static io.counterfoil.edge.collector.Posts.gzip;
import static io.counterfoil.edge.collector.Posts.line;
import static io.counterfoil.edge.collector.Posts.post;
import static io.counterfoil.edge.collector.Posts.send;
import static io.counterfoil.edge.collector.Posts.taken;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What is no batch, who posts too often, and settings without which there is no collector. */
final class CollectorRefusalTest {
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
            HttpRequest.Builder other = HttpRequest.newBuilder(URI.create("http://" + edge.collector() + "/v1/records"))
                    .header("Authorization", "Bearer " + TOKEN + "-other")
                    .header("Content-Type", "application/x-ndjson")
                    .header("Counterfoil-Instance", "i")
                    .header("Counterfoil-Batch", "1");
            assertThat(send(other, new byte[0]).statusCode()).isEqualTo(200);
        }
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
