package io.counterfoil.edge.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.edge.testing.LandedLog;
import io.counterfoil.edge.testing.RawHttp;
import io.counterfoil.edge.testing.RawHttp.Response;
import io.counterfoil.edge.testing.RunningEdge;
import io.counterfoil.edge.testing.SettableClock;
import io.counterfoil.edge.testing.TestControlPlane;
import io.counterfoil.edge.testing.Until;
import io.counterfoil.sql.limits.UsageLimit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What callers are told of their own use, by a real edge over a real database. */
final class UsageTest {
    private static final String KEY = "the-key-of-acme-0123456789";
    private static final String OTHER = "the-key-of-bolt-0123456789";
    private static final String BROWSER = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    @TempDir
    Path folder;

    private final Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS);
    private final SettableClock clock = new SettableClock(hour.plus(Duration.ofMinutes(20)));
    private final TestControlPlane control = new TestControlPlane();

    private static Response get(RunningEdge edge, String key, String... more) throws Exception {
        String[] headers = java.util.Arrays.copyOf(more, more.length + 1);
        headers[more.length] = "X-API-Key: " + key;
        return RawHttp.once(edge.address(), RawHttp.get("/usage", headers));
    }

    private static JsonNode json(Response response) throws Exception {
        assertThat(response.status()).as(response.body()).isEqualTo(200);
        return new ObjectMapper().readTree(response.body());
    }

    @Test
    void aRefusedKeyIsToldWhatItUsedAndPaysNothingForIt() throws Exception {
        control.createKey(
                "acme",
                KEY,
                List.of(UsageLimit.parse("100/hour", "refuse"), UsageLimit.parse("1GiB/period", "warn", "account")));
        control.used("acme", hour, 120);
        control.raiseFlag("acme", 120, hour);
        LandedLog log;
        try (RunningEdge edge = new RunningEdge(folder, control.jdbcUrl(), clock)) {
            assertThat(RawHttp.once(edge.address(), RawHttp.get("/v1/items/1", "X-API-Key: " + KEY))
                            .status())
                    .isEqualTo(429);

            Response answer = get(edge, KEY);

            JsonNode usage = json(answer);
            assertThat(answer.header("cache-control")).isEqualTo("private, no-store");
            assertThat(answer.header("ratelimit")).startsWith("\"hour\";r=0;t=2400");
            assertThat(answer.headers()).doesNotContainKey("retry-after");
            assertThat(usage.at("/key").asText()
                            + usage.at("/account").asText()
                            + usage.at("/plan").asText())
                    .isEqualTo("acmeacmeplan-acme");
            assertThat(usage.at("/source").asText()).isEqualTo("counted");
            assertThat(usage.at("/limits")).hasSize(2);
            assertThat(usage.at("/limits/0").toString())
                    .isEqualTo("{\"limit\":\"100/hour\",\"scope\":\"key\",\"window\":\"hour\",\"measure\":\"requests\","
                            + "\"action\":\"refuse\",\"quota\":100,\"used\":120,\"as_of\":\"" + hour
                            + "\",\"window_start\":\"" + hour
                            + "\",\"resets_at\":\"" + hour.plus(Duration.ofHours(1)) + "\"}");
            assertThat(usage.at("/hours")).hasSize(48);
            assertThat(usage.at("/hours/47/billable").asLong()).isEqualTo(120);
            assertThat(usage.at("/period/requests").asLong()).isEqualTo(120);
            log = edge.drain();
        }
        assertThat(log.records().stream()
                        .map(LogRecord::facts)
                        .map(facts -> facts.route() + " " + facts.status() + " "
                                + facts.decision().text()))
                .containsExactlyInAnyOrder("items 429 refused", "counterfoil.usage 200 admitted");
    }

    @Test
    void withoutTheDatabaseTheLastKnownFiguresAreToldAndThenTheLimitsAlone() throws Exception {
        control.createKey("acme", KEY, "refuse");
        control.createKey("bolt", OTHER, "refuse");
        control.used("acme", hour, 60);
        control.raiseFlag("bolt", 70, hour);
        try (RunningEdge edge = new RunningEdge(folder, control.jdbcUrl(), clock)) {
            assertThat(json(get(edge, KEY)).at("/limits/0/used").asLong()).isEqualTo(60);
            control.takeAway();
            // What was read within a second is as good as read now.
            Until.isTrue(
                    "last known",
                    () -> !json(get(edge, KEY)).at("/source").asText().equals("counted"));

            JsonNode known = json(get(edge, KEY));
            assertThat(known.at("/source").asText()).isEqualTo("last_known");
            assertThat(known.at("/as_of").asText()).isEqualTo(hour.toString());
            assertThat(known.at("/limits/0/used").asLong()).isEqualTo(60);
            assertThat(get(edge, KEY, BROWSER).body()).contains("These are the last known.");

            JsonNode alone = json(get(edge, OTHER));
            assertThat(alone.at("/source").asText()).isEqualTo("limits_only");
            assertThat(alone.at("/key").isNull()).isTrue();
            assertThat(alone.at("/hours")).isEmpty();
            assertThat(alone.at("/limits/0/used").asLong()).isEqualTo(70);
            assertThat(alone.at("/as_of").asText())
                    .isEqualTo(hour.plus(Duration.ofMinutes(10)).toString());
            assertThat(get(edge, OTHER, BROWSER).body()).contains("Limits are as this server knows them.");

            clock.set(hour.plus(Duration.ofMinutes(61)));
            JsonNode later = json(get(edge, KEY));
            assertThat(later.at("/limits/0/used").isNull())
                    .as("of the new window nothing is known")
                    .isTrue();
            assertThat(later.at("/limits/0/resets_at").asText())
                    .isEqualTo(hour.plus(Duration.ofHours(2)).toString());

            control.giveBack();
            Until.isTrue(
                    "counted again",
                    () -> json(get(edge, KEY)).at("/source").asText().equals("counted"));
            assertThat(edge.lines()).anyMatch(line -> line.startsWith("usage cannot be read"));
            assertThat(edge.lines()).contains("usage is read from the database again");
        }
    }

    @Test
    void aBrowserAsksForTheKeyAndGetsAPageThatMayRunNothingElse() throws Exception {
        control.createKey("acme", KEY, "refuse");
        control.jdbi().useHandle(handle -> handle.execute("update account set name = 'acme <b>'"));
        control.used("acme", hour, 60);
        try (RunningEdge edge = new RunningEdge(folder, control.jdbcUrl(), clock)) {
            Response asked = RawHttp.once(edge.address(), RawHttp.get("/usage", BROWSER));
            assertThat(asked.status()).isEqualTo(401);
            assertThat(asked.header("www-authenticate")).startsWith("Basic realm=");
            assertThat(RawHttp.once(edge.address(), RawHttp.get("/usage")).header("www-authenticate"))
                    .isEqualTo("Bearer");

            for (String pair : List.of("key:" + KEY, KEY + ":")) {
                String credentials = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.US_ASCII));
                Response page = RawHttp.once(
                        edge.address(), RawHttp.get("/usage", BROWSER, "Authorization: Basic " + credentials));
                assertThat(page.status()).isEqualTo(200);
                assertThat(page.header("content-type")).isEqualTo("text/html; charset=utf-8");
                assertThat(page.header("content-security-policy"))
                        .startsWith("default-src 'none'; style-src 'sha256-")
                        .doesNotContain("unsafe");
                assertThat(page.body())
                        .contains("acme &lt;b&gt;")
                        .doesNotContain("acme <b>")
                        .contains("60 of 100 used, 60 %");
            }
            // Nowhere else: a key in Basic is no key.
            String credentials = Base64.getEncoder().encodeToString(("key:" + KEY).getBytes(StandardCharsets.US_ASCII));
            assertThat(RawHttp.once(edge.address(), RawHttp.get("/v1/items/1", "Authorization: Basic " + credentials))
                            .status())
                    .isEqualTo(401);
            assertThat(get(edge, KEY, "Accept: application/json, text/html;q=0.5")
                            .header("content-type"))
                    .isEqualTo("application/json");
            assertThat(RawHttp.once(edge.address(), RawHttp.request("HEAD", "/usage", "X-API-Key: " + KEY))
                            .body())
                    .isEmpty();
            Response posted = RawHttp.once(
                    edge.address(), RawHttp.request("POST", "/usage", "X-API-Key: " + KEY, "Content-Length: 2") + "{}");
            assertThat(posted.status()).isEqualTo(405);
            assertThat(RawHttp.once(
                                    edge.address(),
                                    RawHttp.get("/usage", "X-API-Key: " + KEY, "Content-Length: 2") + "{}")
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void theEdgesOwnNamesAndPathAreItsOwn() throws Exception {
        control.createKey("acme", KEY, "refuse");
        try (RunningEdge edge = new RunningEdge(folder, control.jdbcUrl(), clock)) {
            assertThat(edge.address()).isNotEmpty();
        }
        String settings = Files.readString(folder.resolve("edge.yaml"));
        Files.writeString(folder.resolve("edge.yaml"), "usage: off\n" + settings);
        try (RunningEdge edge = new RunningEdge(folder, control.jdbcUrl(), clock)) {
            assertThat(get(edge, KEY).status()).isEqualTo(404);
        }
        Files.writeString(folder.resolve("edge.yaml"), settings.replace("name: items", "name: counterfoil.items"));
        assertThatThrownBy(() -> new RunningEdge(folder, control.jdbcUrl(), clock))
                .hasMessageContaining("is 'counterfoil.items', expected")
                .hasMessageContaining("those that begin with counterfoil. are the edge's");
        Files.writeString(folder.resolve("edge.yaml"), "usage: /v1/{any}\n" + settings);
        assertThatThrownBy(() -> new RunningEdge(folder, control.jdbcUrl(), clock))
                .hasMessageContaining("field 'usage' is '/v1/{any}', expected a path without parameters");
    }
}
