package io.counterfoil.edge.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.edge.testing.RawHttp;
import io.counterfoil.edge.testing.RawHttp.Response;
import io.counterfoil.edge.testing.RunningEdge;
import io.counterfoil.edge.testing.SettableClock;
import io.counterfoil.edge.testing.TestControlPlane;
import io.counterfoil.edge.testing.Until;
import io.counterfoil.sql.limits.UsageLimit;
import org.greenbytes.http.sfv.Item;
import org.greenbytes.http.sfv.ListElement;
import org.greenbytes.http.sfv.Parser;
import org.greenbytes.http.sfv.StringItem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import static org.assertj.core.api.Assertions.assertThat;

/** What clients are told of their limits, read by somebody else's parser of structured fields (RFC 8941). */
final class RateLimitFieldsTest {
    private static final String KEY = "the-key-of-acme-0123456789";

    @TempDir
    Path folder;

    /** Name to parameters; strings and numbers as text. */
    private static Map<String, Map<String, String>> parsed(String value) {
        Map<String, Map<String, String>> items = new LinkedHashMap<>();
        for (ListElement<?> element : Parser.parseList(value).get()) {
            assertThat(element).isInstanceOf(StringItem.class);
            Map<String, String> parameters = new TreeMap<>();
            for (Map.Entry<String, Item<? extends Object>> each :
                    element.getParams().entrySet()) {
                parameters.put(each.getKey(), String.valueOf(each.getValue().get()));
            }
            assertThat(items.put(String.valueOf(element.get()), parameters))
                    .as("a name twice")
                    .isNull();
        }
        return items;
    }

    /** The reader is one: it finds in the draft's own examples what the draft says. */
    @Test
    void theDraftsExamplesAreReadAsTheDraftReadsThem() throws Exception {
        JsonNode examples;
        try (InputStream in = getClass().getResourceAsStream("ratelimit-examples.json")) {
            examples = new ObjectMapper().readTree(in).get("examples");
        }
        int read = 0;
        for (JsonNode example : examples) {
            if (example.path("well_formed_sf_list_of_string_items").asBoolean()) {
                Map<String, Map<String, String>> items =
                        parsed(example.get("value").asText());
                assertThat(items.keySet())
                        .as(example.toString())
                        .containsExactlyElementsOf(example.get("items").findValuesAsText("name"));
                read++;
            }
        }
        assertThat(read).isGreaterThan(20);
    }

    @Test
    void everyKindOfLimitIsToldByANameOfItsOwn() throws Exception {
        Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS);
        TestControlPlane control = new TestControlPlane();
        control.createKey(
                "acme",
                KEY,
                List.of(
                        UsageLimit.parse("1000/hour", "refuse", "key"),
                        UsageLimit.parse("800/hour", "warn", "key"),
                        UsageLimit.parse("10/hour", "notify", "key"),
                        UsageLimit.parse("5000units/day", "refuse", "account"),
                        UsageLimit.parse("8191TiB/period", "refuse", "account")));
        try (RunningEdge edge =
                new RunningEdge(folder, control.jdbcUrl(), new SettableClock(hour.plus(Duration.ofMinutes(20))))) {
            Response first = get(edge);
            assertThat(parsed(first.header("ratelimit-policy")))
                    .isEqualTo(Map.of(
                            "hour", Map.of("q", "1000", "w", "3600"),
                            "hour-warn", Map.of("q", "800", "w", "3600"),
                            "day-units-account", Map.of("q", "5000", "w", "86400", "qu", "counterfoil-units"),
                            // As large as a structured field's integer may be.
                            "period-bytes-account", Map.of("q", "999999999999999", "qu", "content-bytes")));
            assertThat(first.header("ratelimit")).isEmpty();

            control.raiseFlags("acme", 60, hour);
            Until.isTrue("what is left", () -> !get(edge).header("ratelimit").isEmpty());
            String asOf = Long.toString(hour.plus(Duration.ofMinutes(10)).getEpochSecond());
            Map<String, Map<String, String>> left = parsed(get(edge).header("ratelimit"));
            assertThat(left.keySet())
                    .containsExactlyInAnyOrder("hour", "hour-warn", "day-units-account", "period-bytes-account");
            assertThat(left.get("hour")).isEqualTo(Map.of("r", "400", "t", "2400", "counterfoil-asof", asOf));
            assertThat(left.get("day-units-account")).containsEntry("r", "2000");
            assertThat(left.get("period-bytes-account")).containsEntry("r", "999999999999999");

            Path settings = folder.resolve("edge.yaml");
            Files.writeString(settings, "rate_limit_from: 61%\n" + Files.readString(settings));
            Until.isTrue(
                    "less than that is not told",
                    () -> get(edge).header("ratelimit").isEmpty());
            Files.writeString(settings, Files.readString(settings).replace("61%", "60"));
            Until.isTrue("that much is", () -> get(edge).header("ratelimit").startsWith("\"hour\";r=400"));
        }
    }

    private static Response get(RunningEdge edge) throws java.io.IOException {
        return RawHttp.once(edge.address(), RawHttp.get("/v1/items/1", "X-API-Key: " + KEY));
    }
}
