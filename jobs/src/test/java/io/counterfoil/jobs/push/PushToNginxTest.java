package io.counterfoil.jobs.push;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.limits.UsageLimit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** A real nginx, by its own clock, refuses whom the pushed map names. */
final class PushToNginxTest {
    @TempDir
    Path folder;

    private FlaggedKeys keys;
    private long acme;
    private long small;
    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeEach
    void outsideOfTheHoursEnd() throws Exception {
        assumeTrue(Nginx.program().isPresent(), "no nginx on this machine: what it would do is not tested");
        Clock clock = Clock.systemUTC();
        Until.isTrue(
                "the hour does not end within the test",
                () -> clock.instant()
                        .plusSeconds(30)
                        .truncatedTo(ChronoUnit.HOURS)
                        .equals(clock.instant().truncatedTo(ChronoUnit.HOURS)));
        keys = new FlaggedKeys(clock.instant());
        acme = keys.account("Acme");
        small = keys.plan("small", UsageLimit.parse("1000/hour", "refuse"));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private Path map() {
        return folder.resolve("counterfoil-flags.map");
    }

    private Nginx nginx() throws Exception {
        Nginx nginx = Nginx.start(Nginx.program().orElseThrow(), folder);
        open.add(nginx);
        return nginx;
    }

    private PushResult push(boolean byHash, String... reload) {
        PushSettings settings =
                PushSettings.nginx(map(), byHash, List.of(reload).stream().findFirst());
        try (PushFlagsJob job = new PushFlagsJob(settings, keys.url(), keys, false)) {
            return job.run();
        }
    }

    @Test
    void whoIsOverALimitIsAnswered429AsOurEdgeDoesAndOthersAreServed() throws Exception {
        keys.use(keys.key(acme, small, "over"), 1003);
        keys.use(keys.key(acme, small, "under"), 999);
        keys.use(
                keys.key(
                        acme,
                        keys.plan(
                                "watched",
                                UsageLimit.parse("5GiB/day", "warn", "account"),
                                UsageLimit.parse("10units/hour", "warn")),
                        "warned"),
                11);
        push(false);
        Nginx nginx = nginx();

        HttpResponse<String> refused = nginx.get("/v1/x", "over");
        Instant reset = keys.instant().truncatedTo(ChronoUnit.HOURS).plus(1, ChronoUnit.HOURS);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().allValues("content-type")).containsExactly("application/problem+json");
        Instant back = ZonedDateTime.parse(
                        refused.headers().firstValue("retry-after").orElseThrow(), DateTimeFormatter.RFC_1123_DATE_TIME)
                .toInstant();
        assertThat(Duration.between(reset, back)).isBetween(Duration.ZERO, Duration.ofSeconds(10));
        assertThat(refused.headers().allValues("ratelimit-policy")).containsExactly("\"hour\";q=1000;w=3600");
        assertThat(refused.headers().allValues("ratelimit")).containsExactly("\"hour\";r=0");
        JsonNode problem = new ObjectMapper().readTree(refused.body());
        assertThat(problem)
                .isEqualTo(new ObjectMapper()
                        .readTree(
                                "{\"type\":\"https://iana.org/assignments/http-problem-types#quota-exceeded\",\"title\":\"Quota"
                                        + " Exceeded\",\"status\":429,\"detail\":\"The limit 1000/hour is used up; it resets at "
                                        + reset
                                        + ".\",\"violated-policies\":[\"hour\"]}"));
        for (String served : List.of("under", "unknown")) {
            HttpResponse<String> answer = nginx.get("/", served);
            assertThat(answer.body()).isEqualTo("served");
            assertThat(answer.headers().firstValue("counterfoil-warning")).isEmpty();
        }
        HttpResponse<String> warned = nginx.get("/", "warned");
        assertThat(warned.body()).isEqualTo("served");
        assertThat(warned.headers().allValues("counterfoil-warning"))
                .containsExactly("limit=\"10units/hour\", quota=10, resets-at=@" + reset.getEpochSecond());
        assertThat(nginx.get("/own", "under").body())
                .as("a 429 of someone else's")
                .isEqualTo("of someone else");
    }

    /** A regular expression that matches takes $1 from the server's name. */
    @Test
    void whatTheServerHasFromItsOwnNameIsItsOwnAndItsErrorsToo() throws Exception {
        keys.use(keys.key(acme, small, "over"), 1003);
        keys.use(keys.key(acme, keys.plan("watched", UsageLimit.parse("10/hour", "warn")), "warned"), 11);
        push(false);
        Nginx nginx = nginx();

        for (String label : List.of("warned", "under", "")) {
            assertThat(nginx.get("/site/page", label).body()).as(label).isEqualTo("the site's own");
            HttpResponse<String> missing = nginx.get("/missing", label);
            assertThat(missing.statusCode()).isEqualTo(404);
            assertThat(missing.body()).as("an error_page of http { }").isEqualTo("sorry");
            assertThat(nginx.get("/odd", label).statusCode())
                    .as("of someone else")
                    .isEqualTo(599);
            assertThat(nginx.get("/.counterfoil-refused", label).statusCode()).isEqualTo(404);
        }
        for (String path : List.of("/site/page", "/missing", "/odd", "/usage?a=b", "/.counterfoil-refused")) {
            assertThat(nginx.get(path, "over").statusCode()).as(path).isEqualTo(429);
        }
        assertThat(nginx.get("/site/page", "warned").headers().allValues("counterfoil-warning"))
                .hasSize(1);
    }

    /** nginx ignores case where it looks labels up. */
    @Test
    void labelsThatDifferInCaseAloneAreToldApartAlsoThoseOfKeysThatCameLater() throws Exception {
        for (String label : List.of("acme", "AcmE", "$a|b")) {
            keys.use(keys.key(acme, small, label), 1003);
        }
        long watched = keys.plan("watched", UsageLimit.parse("10/hour", "warn"));
        keys.use(keys.key(acme, watched, "aCME"), 11);
        assertThat(push(false).keys()).isEqualTo(4);
        Nginx nginx = nginx();

        for (String label : List.of("acme", "AcmE", "$a|b")) {
            assertThat(nginx.status(label)).as(label).isEqualTo(429);
        }
        for (String label : List.of("ACME", "Acme", "$A|b", "aCME")) {
            HttpResponse<String> answer = nginx.get("/", label);
            assertThat(answer.statusCode()).as(label).isEqualTo(200);
            assertThat(answer.headers().firstValue("counterfoil-warning").isPresent())
                    .as(label)
                    .isEqualTo(label.equals("aCME"));
        }
    }

    @Test
    void moreOfThemThanNginxReadsInOneLineAreToldAndTheOthersPushed() throws Exception {
        for (int i = 0; i < 32; i++) {
            StringBuilder label = new StringBuilder("abcde");
            for (int bit = 0; bit < 5; bit++) {
                label.setCharAt(bit, (char) (label.charAt(bit) - ((i >> bit & 1) == 1 ? 'a' - 'A' : 0)));
            }
            keys.use(keys.key(acme, small, label.toString()), 1003);
        }
        keys.use(keys.key(acme, small, "another"), 1003);

        PushResult result = push(false);
        assertThat(result.keys()).isBetween(20L, 32L);
        assertThat(result.fault().orElseThrow())
                .contains(
                        "has no room for " + (33 - result.keys()) + " keys, whose labels differ from several others'");
        assertThat(nginx().status("another")).isEqualTo(429);
    }

    @Test
    void aFlagLiftsAtItsResetWithoutAPush() throws Exception {
        Instant present = keys.instant();
        keys.use(keys.key(acme, small, "in this hour"), 1000);
        push(false);
        String thisHour = Files.readString(map());
        assertThat(nginx().status("in this hour")).isEqualTo(429);

        keys.be(present.truncatedTo(ChronoUnit.HOURS).minusMillis(1));
        keys.use(keys.key(acme, small, "a second before"), 1000);
        Files.delete(map());
        push(false);
        assertThat(Files.readString(map())).contains("\"refuse a second before\" \"a second before\\t");
        close();
        Nginx after = Nginx.start(Nginx.program().orElseThrow(), Files.createDirectory(folder.resolve("after")), map());
        open.add(after);
        assertThat(after.status("a second before")).as("its window is over").isEqualTo(200);

        keys.be(present);
        assertThat(push(false, after.reloadCommand()).keys())
                .as("the push only tidies up")
                .isEqualTo(1);
        assertThat(Files.readString(map()).lines().skip(1))
                .containsExactlyElementsOf(thisHour.lines().skip(1).toList());
    }

    @Test
    void windowsOfADayAndOfAMonthHoldForAsLongAsTheyAre() throws Exception {
        keys.use(keys.key(acme, keys.plan("daily", UsageLimit.parse("10/day", "refuse")), "day"), 10);
        keys.use(keys.key(acme, keys.plan("monthly", UsageLimit.parse("10/period", "refuse", "account")), "month"), 10);
        push(false);
        Nginx nginx = nginx();

        assertThat(nginx.get("/", "day").headers().allValues("ratelimit-policy"))
                .containsExactly("\"day\";q=10;w=86400");
        HttpResponse<String> month = nginx.get("/", "month");
        assertThat(month.headers().allValues("ratelimit-policy")).containsExactly("\"period-account\";q=10");
        assertThat(month.body()).contains("The limit 10/period of the account is used up");
        assertThat(Files.readString(map()))
                .contains("\\t"
                        + DateTimeFormatter.ofPattern("dd-MMM-yyyy ", Locale.US)
                                .format(keys.instant().atZone(Clock.systemUTC().getZone()))
                        + "|")
                .contains("\\t"
                        + DateTimeFormatter.ofPattern("-MMM-yyyy ", Locale.US)
                                .format(keys.instant().atZone(Clock.systemUTC().getZone()))
                        + "|");
    }

    @Test
    void aLabelOfAnyCharactersIsThatLabelAndNoOther() throws Exception {
        StringBuilder all = new StringBuilder();
        for (char c = '!'; c <= '~'; c++) {
            all.append(c);
        }
        List<String> odd = new ArrayList<>(List.of(
                "default",
                "include",
                "hostnames",
                "volatile",
                "~^.*$",
                "~*x",
                "\\",
                "\\\\",
                "\\default",
                "\"",
                "a\"b",
                "'",
                ";",
                "{",
                "}",
                "${uri}",
                "$http_host",
                "a;b} }",
                "# no comment",
                "a|b",
                "a b",
                "*.example.com",
                ".example.com",
                "x\\",
                "\\n",
                "refuse|x",
                "\\E.*",
                all.toString(),
                "x".repeat(128)));
        List<String> ignoringCase = List.of("TWIN", "Tw\\in\\E.*", "DEFAULT");
        odd.addAll(ignoringCase);
        for (String label : odd) {
            keys.use(keys.key(acme, small, label), 1000);
        }
        List<String> others = List.of("twin", "tw\\in\\e.*", "Default", "y", "~", "a", "$uri", "Tw\\in\\E.x", "ab");
        for (String label : others) {
            keys.use(keys.key(acme, small, label), 1);
        }

        assertThat(push(false).keys()).isEqualTo(odd.size());
        Nginx nginx = nginx();

        for (String label : odd) {
            assertThat(nginx.status(label)).as(label).isEqualTo(429);
        }
        for (String label : others) {
            assertThat(nginx.status(label)).as(label).isEqualTo(200);
        }
    }

    @Test
    void aChangeIsReloadedAndWhatIsUnchangedIsNot() throws Exception {
        Files.writeString(map(), "");
        Nginx nginx = nginx();
        String reload = "echo reloaded >> " + folder.resolve("reloads") + " && " + nginx.reloadCommand();
        long one = keys.key(acme, small, "one");
        keys.use(one, 1000);
        assertThat(nginx.status("one")).isEqualTo(200);

        assertThat(push(false, reload).written()).hasSize(1);
        Until.isTrue("it is refused", () -> nginx.status("one") == 429);
        keys.use(one, 7);
        assertThat(push(false, reload).idle()).as("figures alone").isTrue();
        keys.override(one, 5000);
        push(false, reload);
        Until.isTrue("it is served", () -> nginx.status("one") == 200);
        assertThat(Files.readAllLines(folder.resolve("reloads"))).hasSize(2);
    }

    @Test
    void aReloadThatFailsIsDownAndTriedByTheNextRun() throws Exception {
        keys.use(keys.key(acme, small, "one"), 1000);
        assertThatThrownBy(() -> push(false, "echo nginx: [emerg] no such thing >&2; exit 3"))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(4))
                .hasMessageContaining(
                        "ended with 3: nginx: [emerg] no such thing; the file is written and not yet read");
        assertThat(map()).content().contains("\"refuse one\"");

        Path reloads = folder.resolve("reloads");
        assertThat(push(false, "echo reloaded > " + reloads).written()).hasSize(1);
        assertThat(reloads).exists();
        assertThat(push(false, "exit 1").idle()).isTrue();
    }

    @Test
    void byHashOnlyKeysThatHaveOneAreNamed() throws Exception {
        keys.use(keys.key(acme, small, "one"), 1000);
        keys.use(keys.key(acme, small, "label only", Optional.empty()), 1000);

        assertThat(push(true).keys()).isEqualTo(1);
        Nginx nginx = nginx();
        assertThat(nginx.status(KeyStore.hash("one"))).isEqualTo(429);
        assertThat(nginx.status("label only")).isEqualTo(200);

        assertThat(push(false).keys()).isEqualTo(2);
    }
}
