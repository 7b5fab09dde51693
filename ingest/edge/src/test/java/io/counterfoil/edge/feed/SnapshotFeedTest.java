package io.counterfoil.edge.feed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.edge.EdgeSecrets;
import io.counterfoil.edge.EdgeTemplate;
import io.counterfoil.edge.listener.BearerTokens;
import io.counterfoil.edge.testing.RawHttp;
import io.counterfoil.edge.testing.RawHttp.Response;
import io.counterfoil.edge.testing.RunningEdge;
import io.counterfoil.edge.testing.TestCertificate;
import io.counterfoil.edge.testing.TestControlPlane;
import io.counterfoil.edge.testing.Until;
import io.counterfoil.sql.limits.UsageLimit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import javax.net.ssl.SSLException;
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
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What edges that are not ours are told, over real sockets. */
final class SnapshotFeedTest {
    private static final String KEY = "the-key-of-acme-0123456789";
    private static final String TOKEN = "a-token-of-the-feed-0123456789";
    private static final String OTHER_TOKEN = "another-token-of-the-feed-012345";

    @TempDir
    Path folder;

    private final TestControlPlane control = new TestControlPlane();

    @BeforeEach
    void configure() throws Exception {
        EdgeTemplate.write(folder);
        Path settings = folder.resolve("edge.yaml");
        Files.writeString(settings, "feed: 127.0.0.1:0\n" + Files.readString(settings));
        control.createKey("acme", KEY, List.of(UsageLimit.parse("100/hour", "refuse")));
    }

    private RunningEdge start() {
        EdgeSecrets secrets = new EdgeSecrets(
                control.jdbcUrl(),
                BearerTokens.parse(SnapshotFeed.TOKENS, TOKEN + ", " + OTHER_TOKEN),
                BearerTokens.NONE);
        return new RunningEdge(folder, secrets, Clock.systemUTC());
    }

    private static Response get(RunningEdge edge, String query, String... headers) throws Exception {
        List<String> all = new ArrayList<>(List.of(headers));
        all.add("Authorization: Bearer " + TOKEN);
        return RawHttp.once(edge.feed(), RawHttp.get("/snapshot" + query, all.toArray(String[]::new)));
    }

    private static JsonNode json(Response response) throws Exception {
        assertThat(response.status()).as(response.body()).isEqualTo(200);
        return new ObjectMapper().readTree(response.body());
    }

    private static CompletableFuture<Response> later(RunningEdge edge, String query, String... headers) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return get(edge, query, headers);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void everythingAndThenOnlyWhatChangedAreTold() throws Exception {
        Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS);
        try (RunningEdge edge = start()) {
            Response whole = get(edge, "");
            JsonNode first = json(whole);
            String hash = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(KEY.getBytes(StandardCharsets.UTF_8)));
            assertThat(first.at("/keys")).hasSize(1);
            assertThat(first.at("/keys/0").toString())
                    .isEqualTo("{\"key_id\":1,\"account_id\":1,\"plan_id\":1,\"label\":\"acme\",\"sha256\":\"" + hash
                            + "\",\"active\":true,\"expires_at\":null,\"scopes\":[]}");
            assertThat(first.at("/limits").toString())
                    .isEqualTo("[{\"limit_id\":1,\"plan_id\":1,\"scope\":\"key\",\"window\":\"hour\",\"measure\":"
                            + "\"requests\",\"quota\":100,\"action\":\"refuse\",\"ended\":false}]");
            assertThat(first.at("/overrides")).isEmpty();
            assertThat(first.at("/flags")).isEmpty();
            assertThat(whole.body()).as("hashes, never keys").doesNotContain(KEY);
            long version = first.at("/version").asLong();
            assertThat(whole.header("etag"))
                    .isEqualTo("\"" + first.at("/database").asText() + "." + version + "\"");

            assertThat(get(edge, "", "If-None-Match: " + whole.header("etag")).status())
                    .isEqualTo(304);
            JsonNode nothing = json(get(edge, "?since=" + version));
            assertThat(nothing.at("/version").asLong()).isEqualTo(version);
            assertThat(nothing.at("/keys").size() + nothing.at("/limits").size())
                    .isZero();

            CompletableFuture<Response> changed = later(edge, "?since=" + version + "&wait=30");
            CompletableFuture<Response> again = later(edge, "?wait=30", "If-None-Match: " + whole.header("etag"));
            TimeUnit.MILLISECONDS.sleep(300);
            assertThat(changed.isDone() || again.isDone()).as("both wait").isFalse();
            control.raiseFlag("acme", 104, hour);
            JsonNode flagged = json(changed.get(10, TimeUnit.SECONDS));
            assertThat(flagged.at("/since").asLong()).isEqualTo(version);
            assertThat(flagged.at("/version").asLong()).isEqualTo(version + 1);
            assertThat(flagged.at("/keys")).isEmpty();
            assertThat(flagged.at("/flags/0/used").asLong()).isEqualTo(104);
            assertThat(flagged.at("/flags/0/over").asBoolean()).isTrue();
            assertThat(flagged.at("/flags/0/resets_at").asText())
                    .isEqualTo(hour.plus(1, ChronoUnit.HOURS).toString());
            JsonNode both = json(again.get(10, TimeUnit.SECONDS));
            assertThat(both.at("/keys").size() + both.at("/flags").size()).isEqualTo(2);

            long start = System.nanoTime();
            assertThat(get(edge, "?since=" + (version + 1) + "&wait=1").status())
                    .isEqualTo(200);
            assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(900));

            control.disable("acme");
            Until.isTrue(
                    "a removal is a row too",
                    () -> json(get(edge, "?since=" + (version + 1)))
                            .at("/keys/0/active")
                            .isBoolean());
            assertThat(json(get(edge, "?since=" + (version + 1)))
                            .at("/keys/0/active")
                            .asBoolean())
                    .isFalse();
        }
    }

    @Test
    void whoShowsNoTokenOrAsksForNothingThatIsThereIsToldSo() throws Exception {
        try (RunningEdge edge = start()) {
            for (String authorization : List.of(
                    "X-Other: 1",
                    "Authorization: Bearer wrong",
                    "Authorization: Basic " + TOKEN,
                    "Authorization: Bearer " + TOKEN + "," + OTHER_TOKEN,
                    "Authorization: Bearer " + KEY)) {
                Response refused = RawHttp.once(edge.feed(), RawHttp.get("/snapshot", authorization));
                assertThat(refused.status()).as(authorization).isEqualTo(401);
                assertThat(refused.header("www-authenticate")).isEqualTo("Bearer");
            }
            assertThat(RawHttp.once(edge.feed(), RawHttp.get("/snapshot", "Authorization: bearer " + OTHER_TOKEN))
                            .status())
                    .isEqualTo(200);
            for (String query :
                    List.of("?since=x", "?since=-1", "?wait=61", "?wait=1.5", "?since=9999999999999999999")) {
                assertThat(get(edge, query).status()).as(query).isEqualTo(400);
            }
            Response ahead = get(edge, "?since=999");
            assertThat(ahead.status()).isEqualTo(409);
            assertThat(ahead.body()).contains("ask for everything, without 'since'");
            assertThat(get(edge, "?since=999&wait=30").status()).as("at once").isEqualTo(409);
            assertThat(RawHttp.once(edge.feed(), RawHttp.get("/keys", "Authorization: Bearer " + TOKEN))
                            .status())
                    .isEqualTo(404);
            assertThat(RawHttp.once(
                                    edge.feed(),
                                    RawHttp.request("DELETE", "/snapshot", "Authorization: Bearer " + TOKEN))
                            .status())
                    .isEqualTo(405);
        }
        assertThatThrownBy(() -> new RunningEdge(folder, control.jdbcUrl(), Clock.systemUTC()))
                .hasMessageContaining("there is no token for its readers; set COUNTERFOIL_FEED_TOKENS");
        assertThatThrownBy(() -> BearerTokens.parse(SnapshotFeed.TOKENS, "short"))
                .hasMessage("COUNTERFOIL_FEED_TOKENS has a token of 5 characters, expected at least 24, as openssl rand"
                        + " -hex 32 makes");
    }

    @Test
    void withoutTheDatabaseReadersKeepTheirsAndWhatTheEdgeRefusesGoesNowhere() throws Exception {
        addKeys(120);
        try (RunningEdge edge = start()) {
            JsonNode whole = json(get(edge, ""));
            assertThat(whole.at("/keys")).hasSize(121);
            long version = whole.at("/version").asLong();
            control.takeAway();
            Response gone = get(edge, "");
            assertThat(gone.status()).isEqualTo(503);
            assertThat(gone.header("retry-after")).isEqualTo("1");
            control.giveBack();
            Until.isTrue("read again", () -> get(edge, "").status() == 200);

            // Most keys at once, by accident or not: an edge of ours alarms it, others must not get it either.
            control.disableAll();
            Until.isTrue(
                    "refused", () -> edge.lines().stream().anyMatch(line -> line.startsWith("ALARM snapshot version")));
            JsonNode nothing = json(get(edge, "?since=" + version));
            assertThat(nothing.at("/version").asLong()).isEqualTo(version);
            assertThat(nothing.at("/keys")).isEmpty();
            Response held = get(edge, "");
            assertThat(held.status()).as(held.body()).isEqualTo(503);
            assertThat(held.body()).contains("not taken here; keep the one you have");

            // A database that went back, as a backup does: what this edge holds on to is not told otherwise to others.
            control.jdbi().useHandle(handle -> handle.execute("update control_version set v = 2"));
            Until.isTrue(
                    "older",
                    () -> edge.lines().stream().anyMatch(line -> line.contains("snapshot version 2 is refused")));
            assertThat(get(edge, "").status()).isEqualTo(503);
            assertThat(json(get(edge, "?since=" + version)).at("/version").asLong())
                    .isEqualTo(version);
            // It went on from there: a snapshot that does not follow on the one in use.
            control.jdbi()
                    .useHandle(handle -> handle.execute(
                            "update api_key set disabled_at = null; update control_version set v = " + (version + 5)));
            Until.isTrue("whole", () -> json(get(edge, "")).at("/version").asLong() == version + 5);
            assertThat(get(edge, "?since=" + version).status())
                    .as("two histories make no difference")
                    .isEqualTo(409);
            assertThat(json(get(edge, "?since=" + (version + 5))).at("/keys")).isEmpty();
        }
        try (Stream<Path> left = Files.list(folder.resolve("edge/feed"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aLargeSnapshotIsWholeThoughItsReaderIsSlow() throws Exception {
        addKeys(30_000);
        try (RunningEdge edge = start();
                RawHttp slow = new RawHttp(edge.feed())) {
            slow.send(RawHttp.get("/snapshot", "Authorization: Bearer " + TOKEN));
            TimeUnit.MILLISECONDS.sleep(500);
            JsonNode other = new ObjectMapper()
                    .readTree(HttpClient.newHttpClient()
                            .send(
                                    HttpRequest.newBuilder(URI.create("http://" + edge.feed() + "/snapshot"))
                                            .header("Authorization", "Bearer " + TOKEN)
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .body());
            assertThat(other.at("/keys")).hasSize(30_001);
            assertThat(json(slow.receive()).at("/keys")).hasSize(30_001);
            Until.isTrue("what it was written to is gone", () -> {
                try (Stream<Path> left = Files.list(folder.resolve("edge/feed"))) {
                    return left.findAny().isEmpty();
                }
            });
        }
    }

    @Test
    void overTlsItHasTheEdgesCertificateAlsoANewOne() throws Exception {
        TestCertificate first = TestCertificate.create(folder, "first");
        first.write(folder);
        Path settings = folder.resolve("edge.yaml");
        Files.writeString(settings, "tls: {certificate: cert.pem, key: key.pem}\n" + Files.readString(settings));
        try (RunningEdge edge = start()) {
            assertThat(overTls(edge, first)).isEqualTo(200);
            TestCertificate second = TestCertificate.create(folder, "second");
            second.write(folder);
            Until.isTrue(
                    "it is taken", () -> edge.lines().stream().anyMatch(line -> line.contains("cert.pem read again")));
            Until.isTrue("the feed has it", () -> isTrusted(edge, second));
            assertThat(isTrusted(edge, first)).isFalse();
        }
    }

    private static boolean isTrusted(RunningEdge edge, TestCertificate certificate) throws Exception {
        try {
            return overTls(edge, certificate) == 200;
        } catch (SSLException e) {
            return false;
        }
    }

    private static int overTls(RunningEdge edge, TestCertificate certificate) throws Exception {
        return HttpClient.newBuilder()
                .sslContext(certificate.trusting())
                .build()
                .send(
                        HttpRequest.newBuilder(URI.create("https://" + edge.feed() + "/snapshot"))
                                .header("Authorization", "Bearer " + TOKEN)
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private void addKeys(int count) {
        control.jdbi().useHandle(handle -> {
            handle.execute(
                    "insert into api_key (account_id, label, label_sha256, created_at, version)"
                            + " select 1, 'bulk-' || i, sha256(convert_to('bulk-' || i, 'UTF8')), now(), 1 from generate_series(1, ?) i",
                    count);
            handle.execute("insert into api_key_secret (key_id, sha256, created_at) select key_id,"
                    + " sha256(convert_to('secret-' || key_id, 'UTF8')), now() from api_key where label like 'bulk-%'");
        });
    }
}
