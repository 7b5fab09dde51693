package io.counterfoil.edge.http;

import io.counterfoil.edge.testing.LandedLog;
import io.counterfoil.edge.testing.RawHttp;
import io.counterfoil.edge.testing.RawHttp.Response;
import io.counterfoil.edge.testing.RunningEdge;
import io.counterfoil.edge.testing.SettableClock;
import io.counterfoil.edge.testing.TestControlPlane;
import io.counterfoil.edge.testing.Until;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** Keys and flags from a real database to what a client gets, by a clock that the test sets. */
class LimitsTest {
    private static final String KEY = "a-key-of-the-test-1234567890";

    @TempDir
    Path folder;

    private final TestControlPlane control = new TestControlPlane();
    /** The present hour: the database leaves out flags that passed long before its own clock. */
    private final Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS);

    private final SettableClock clock = new SettableClock(hour.plus(Duration.ofMinutes(20)));
    private RunningEdge edge;

    @BeforeEach
    void createOtherKey() {
        control.createKey("other", "another-key-0987654321", "refuse");
    }

    @AfterEach
    void stop() throws IOException {
        edge.close();
    }

    private void start(String action) {
        control.createKey("acme-prod", KEY, action);
        edge = new RunningEdge(folder, control.jdbcUrl(), clock);
    }

    private Response get() throws IOException {
        return RawHttp.once(edge.address(), RawHttp.get("/v1/items/1", "X-API-Key: " + KEY));
    }

    private void untilStatus(int status) throws Exception {
        Until.isTrue("status " + status, () -> get().status() == status);
    }

    @Test
    void refusesWithAReasonUntilTheLimitResetsByItself() throws Exception {
        start("refuse");
        assertThat(get().status()).isEqualTo(200);
        control.raiseFlag("acme-prod", 104, hour);
        untilStatus(429);

        assertThat(RawHttp.once(edge.admin(), RawHttp.get("/metrics")).body())
                .as("the flag is of ten minutes past, it is twenty past now")
                .contains("counterfoil_flag_age_seconds_bucket{le=\"300.0\"} 0")
                .contains("counterfoil_flag_age_seconds_bucket{le=\"3600.0\"} 1")
                .contains("counterfoil_flag_age_seconds_sum 600.0");

        Response refused = get();
        assertThat(refused.header("content-type")).isEqualTo("application/problem+json");
        assertThat(Integer.parseInt(refused.header("retry-after"))).isBetween(2400, 2410);
        assertThat(refused.header("ratelimit-policy")).isEqualTo("\"hour\";q=100;w=3600");
        assertThat(refused.header("ratelimit"))
                .isEqualTo("\"hour\";r=0;t=2400;counterfoil-asof="
                        + hour.plus(Duration.ofMinutes(10)).getEpochSecond());
        assertThat(refused.body())
                .isEqualTo("{\"type\":\"https://iana.org/assignments/http-problem-types#quota-exceeded\","
                        + "\"title\":\"Quota Exceeded\",\"status\":429,\"detail\":\"The limit 100/hour is used up: 104 of"
                        + " 100 as of " + hour.plus(Duration.ofMinutes(10)) + "; it resets at "
                        + hour.plus(Duration.ofHours(1)) + ".\",\"violated-policies\":[\"hour\"]}");
        Response other = RawHttp.once(edge.address(), RawHttp.get("/v1/items/1", "X-API-Key: another-key-0987654321"));
        assertThat(other.status()).isEqualTo(200);

        // The edge needs nobody to know when an hour is over.
        control.takeAway();
        clock.set(hour.plus(Duration.ofHours(1)).minusNanos(1));
        assertThat(get().status()).isEqualTo(429);
        clock.set(hour.plus(Duration.ofHours(1)));
        assertThat(get().status()).isEqualTo(200);

        assertThat(edge.lines())
                .anyMatch(line -> line.contains("key acme-prod over 100/hour (104 used), refused until "));
        LandedLog log = edge.drain();
        assertThat(log.unequal()).isEmpty();
        assertThat(log.records().stream()
                        .filter(record -> record.facts().decision().text().equals("refused")))
                .isNotEmpty()
                .allMatch(record ->
                        record.facts().status() == 429 && record.facts().keyId() > 0);
    }

    @Test
    void aRestartWithoutTheDatabaseGoesOnRefusingAndStopsAtTheReset() throws Exception {
        start("refuse");
        control.raiseFlag("acme-prod", 104, hour);
        untilStatus(429);
        edge.close();
        control.takeAway();

        edge = new RunningEdge(folder, control.jdbcUrl(), clock);

        Response refused = get();
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("ratelimit")).startsWith("\"hour\";r=0;t=2400;");
        clock.set(hour.plus(Duration.ofHours(1)).minusSeconds(1));
        assertThat(get().status()).isEqualTo(429);
        clock.set(hour.plus(Duration.ofHours(1)));
        assertThat(get().status()).isEqualTo(200);
        assertThat(get().header("ratelimit-policy"))
                .as("the limit itself holds on")
                .isEqualTo("\"hour\";q=100;w=3600");
        // What comes then is the next window's, whatever the old one used.
        control.giveBack();
        control.raiseFlag("acme-prod", 100, hour.plus(Duration.ofHours(1)));
        untilStatus(429);
        assertThat(get().header("ratelimit")).startsWith("\"hour\";r=0;t=3600;");
    }

    @Test
    void warnsInAHeader() throws Exception {
        start("warn");
        assertThat(get().header("counterfoil-warning")).isEmpty();
        assertThat(get().header("ratelimit-policy")).isEqualTo("\"hour-warn\";q=100;w=3600");
        assertThat(get().header("ratelimit")).isEmpty();
        control.raiseFlag("acme-prod", 71, hour);
        Until.isTrue("what is left", () -> get().header("ratelimit").startsWith("\"hour-warn\";r=29;t="));
        assertThat(get().header("counterfoil-warning")).isEmpty();
        control.removeFlags();
        control.raiseFlag("acme-prod", 104, hour);
        Until.isTrue("a warning", () -> !get().header("counterfoil-warning").isEmpty());
        Response warned = get();
        assertThat(warned.status()).isEqualTo(200);
        assertThat(warned.header("counterfoil-warning"))
                .isEqualTo("limit=\"100/hour\", used=104, quota=100, as-of=@"
                        + hour.plus(Duration.ofMinutes(10)).getEpochSecond() + ", resets-at=@"
                        + hour.plus(Duration.ofHours(1)).getEpochSecond());
        control.liftFlags();
        Until.isTrue("no warning", () -> get().header("counterfoil-warning").isEmpty());
    }

    @Test
    void onlyTellsTheOwnerWhereTheLimitSaysSo() throws Exception {
        start("notify");
        control.raiseFlag("acme-prod", 104, hour);
        Until.isTrue("the flag has come", () -> edge.lines().stream().anyMatch(line -> line.contains("104 used")));
        assertThat(get().status()).isEqualTo(200);
        assertThat(get().header("ratelimit-policy")).isEmpty();
        assertThat(get().header("counterfoil-warning")).isEmpty();
    }

    @Test
    void dropsADisabledKeyAndServesOnWhileTheDatabaseIsAway() throws Exception {
        start("refuse");
        control.takeAway();
        Until.isTrue(
                "the edge has noticed",
                () -> edge.lines().stream()
                        .anyMatch(line -> line.contains("snapshot cannot be refreshed, serving on by version")));
        assertThat(get().status()).isEqualTo(200);
        control.giveBack();
        Until.isTrue(
                "the edge has noticed",
                () -> edge.lines().stream().anyMatch(line -> line.contains("snapshot is refreshed again")));
        control.disable("acme-prod");
        untilStatus(401);
        // In use first, told then.
        Until.isTrue("it is told", () -> edge.lines().stream().anyMatch(line -> line.endsWith(": 1 key, 2 before")));
    }

    @Test
    void keepsItsSnapshotWhereTheDatabaseGoesBack() throws Exception {
        start("refuse");
        control.jdbi().useHandle(handle -> handle.execute("update control_version set v = 1"));
        Until.isTrue(
                "an alarm",
                () -> edge.lines().stream().anyMatch(line -> line.contains("ALARM snapshot version 1 is refused")));
        assertThat(get().status()).isEqualTo(200);
        assertThat(edge.lines().stream().filter(line -> line.contains("ALARM"))).hasSize(1);
    }
}
