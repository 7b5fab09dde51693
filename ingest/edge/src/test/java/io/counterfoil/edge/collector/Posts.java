package io.counterfoil.edge.collector;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.edge.EdgeSecrets;
import io.counterfoil.edge.EdgeTemplate;
import io.counterfoil.edge.listener.BearerTokens;
import io.counterfoil.edge.testing.RunningEdge;
import io.counterfoil.edge.testing.TestControlPlane;
import io.counterfoil.sql.limits.UsageLimit;

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
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPOutputStream;

import static org.assertj.core.api.Assertions.assertThat;

/** Posts batches to an edge's collector, as a source does. */
final class Posts {
    static final String KEY = "the-key-of-acme-0123456789";
    static final String TOKEN = "a-token-of-the-shop-0123456789";

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private Posts() {}

    /** Settings for {@link #start}, and a key. */
    static void configure(Path folder, TestControlPlane control) throws Exception {
        EdgeTemplate.write(folder);
        Path settings = folder.resolve("edge.yaml");
        Files.writeString(
                settings,
                "collector: 127.0.0.1:0\ncollector_rate: 20\nseal_after: 50ms\n" + Files.readString(settings));
        control.createKey("acme", KEY, List.of(UsageLimit.parse("100/hour", "refuse")));
    }

    /** An edge whose collector takes what {@code shop} and {@code other} post. */
    static RunningEdge start(Path folder, TestControlPlane control) {
        EdgeSecrets secrets = new EdgeSecrets(
                control.jdbcUrl(), BearerTokens.NONE, Collector.tokens("shop=" + TOKEN + ",other=" + TOKEN + "-other"));
        return new RunningEdge(folder, secrets, Clock.systemUTC());
    }

    static String sha256(String key) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
    }

    static String line(String key, int status) throws Exception {
        return "{\"ts_us\":" + Instant.now().toEpochMilli() * 1000 + ",\"key\":\"" + sha256(key) + "\",\"status\":"
                + status + "}\n";
    }

    static HttpRequest.Builder post(RunningEdge edge, String instance, long batch) {
        return HttpRequest.newBuilder(URI.create("http://" + edge.collector() + "/v1/records"))
                .header("Authorization", "Bearer " + TOKEN)
                .header("Content-Type", "application/x-ndjson")
                .header("Counterfoil-Instance", instance)
                .header("Counterfoil-Batch", Long.toString(batch));
    }

    static HttpResponse<String> send(HttpRequest.Builder request, byte[] body) throws Exception {
        return CLIENT.send(
                request.POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    static JsonNode taken(RunningEdge edge, String instance, long batch, String body) throws Exception {
        HttpResponse<String> answer = send(post(edge, instance, batch), body.getBytes(StandardCharsets.UTF_8));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new ObjectMapper().readTree(answer.body());
    }

    static byte[] gzip(byte[] body) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(body);
        }
        return packed.toByteArray();
    }
}
