package io.counterfoil.jobs.push;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.jobs.push.KvApi.Fault;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.limits.UsageLimit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Against {@link KvApi}: a receiver with the API's rules, over a real socket. */
final class PushToKvTest {
    private static final Instant NOW = Instant.parse("2026-11-26T07:30:00Z");
    private static final long RESET = Instant.parse("2026-11-26T08:00:00Z").getEpochSecond();
    private static final KvClient.Patience SHORT =
            new KvClient.Patience(4, Duration.ofMillis(20), Duration.ofSeconds(3), Duration.ofSeconds(2));
    private static final String NAME = PushSettings.DOCUMENT;

    private final FlaggedKeys keys = new FlaggedKeys(NOW);
    private final long acme = keys.account("Acme");
    private final long small = keys.plan("small", UsageLimit.parse("1000/hour", "refuse"));
    private final long one = keys.key(acme, small, "one");
    private KvApi api;

    @BeforeEach
    void start() throws Exception {
        api = KvApi.start(keys);
        keys.use(one, 1003);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private PushResult push() {
        return push(api.settings(), 1, Optional.empty());
    }

    private PushResult push(KvSettings settings, int shards, Optional<String> prefix) {
        PushSettings push = PushSettings.kv(settings, shards, prefix, SHORT, keys);
        try (PushFlagsJob job = new PushFlagsJob(push, keys.url(), keys, false)) {
            return job.run();
        }
    }

    private PushResult byKey() {
        return push(api.settings(), 1, Optional.of("flag:"));
    }

    private long versionThere() throws Exception {
        return new ObjectMapper().readTree(api.text(NAME)).get("version").asLong();
    }

    @Test
    void aDocumentIsOneRequestAndNoneWhereItIsUnchanged() {
        assertThat(push().written()).containsExactly(NAME);
        assertThat(push().idle()).isTrue();
        assertThat(push().idle()).isTrue();

        assertThat(api.requests())
                .as("asked once, by whom nothing was pushed before")
                .containsExactly("GET values/" + NAME, "PUT values/" + NAME);
        assertThat(api.text(NAME)).contains("\"" + KeyStore.hash("one") + "\":[{\"action\":\"refuse\"");
        assertThat(api.values().get(NAME).expiration()).isEmpty();
    }

    @Test
    void figuresThatGrowWhileNothingElseChangesWaitForAMinute() {
        push();
        keys.use(one, 1);
        keys.pass(Duration.ofSeconds(59));
        assertThat(push().idle()).isTrue();
        keys.pass(Duration.ofSeconds(1));
        assertThat(push().written()).containsExactly(NAME);
        assertThat(api.text(NAME)).contains("\"used\":1004");
    }

    @Test
    void whatTheTargetLostIsFoundWithinTenMinutesAndWhatItHasIsNotWrittenAgain() {
        push();
        keys.pass(Duration.ofMinutes(10));
        assertThat(push().idle()).isTrue();
        api.values().remove(NAME);
        keys.pass(Duration.ofMinutes(9));
        assertThat(push().idle()).isTrue();
        keys.pass(Duration.ofMinutes(1));
        assertThat(push().written()).containsExactly(NAME);
        assertThat(api.writes()).hasSize(2);
        assertThat(api.requests())
                .filteredOn(each -> each.startsWith("GET"))
                .as("at the start, and each ten minutes")
                .hasSize(3);
    }

    @Test
    void changesWithinASecondWaitForIt() throws Exception {
        push();
        keys.override(one, 1001);
        long before = System.nanoTime();
        push();

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(Duration.ofMillis(900));
        assertThat(api.requests()).as("asked and put twice, none was refused").hasSize(4);
        assertThat(versionThere()).isEqualTo(keys.version());
    }

    @Test
    void whatPassesIsTriedAgainAndNothingIsLost() {
        api.fail(Fault.status(404), Fault.status(500), Fault.cut(), Fault.status(429, "Retry-After: 1"));
        long before = System.nanoTime();
        assertThat(push().written()).containsExactly(NAME);

        assertThat(Duration.ofNanos(System.nanoTime() - before))
                .as("as Retry-After says")
                .isGreaterThan(Duration.ofSeconds(1));
        assertThat(api.writes()).hasSize(1);
    }

    @Test
    void whatDoesNotPassIsDownAndTheNextRunPushesIt() {
        api.fail(Fault.status(404), Fault.status(503), Fault.status(503), Fault.status(503), Fault.status(503));
        assertThatThrownBy(this::push)
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(4))
                .hasMessageContaining("it answers 503; tried 4 times");
        api.fail(Fault.status(404), Fault.status(429, "Retry-After: 300"));
        assertThatThrownBy(this::push).hasMessageContaining("it asks to wait 300 s");

        assertThat(push().written()).containsExactly(NAME);
    }

    private void lostOnTheWayBack(ThrowingCallable push) {
        api.loseAnswers(true);
        assertThatThrownBy(push)
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(4));
        api.loseAnswers(false);
    }

    /** What lands and is not noted must not stay once it is no longer so. */
    @Test
    void aRefusalThatLandedUnansweredIsUndoneWhenItIsLiftedBeforeTheNextRun() {
        keys.override(one, 5000);
        push();
        assertThat(api.text(NAME)).doesNotContain(KeyStore.hash("one"));
        keys.pass(Duration.ofSeconds(1));
        keys.override(one, 1000);
        lostOnTheWayBack(this::push);
        assertThat(api.text(NAME)).contains(KeyStore.hash("one"));

        keys.pass(Duration.ofSeconds(1));
        keys.override(one, 5000);
        push();
        assertThat(api.text(NAME)).doesNotContain(KeyStore.hash("one"));
        assertThat(push().idle()).isTrue();
    }

    @Test
    void aDocumentOfAKeyThatLandedUnansweredIsDeletedOrPutAgain() {
        String name = "flag:" + KeyStore.hash("one");
        push();
        lostOnTheWayBack(this::byKey);
        assertThat(api.values()).containsKey(name);
        String before = api.text(name);
        keys.override(one, 5000);
        assertThat(byKey().keyDocumentsDeleted()).isEqualTo(1);
        assertThat(api.values()).containsOnlyKeys(NAME);

        keys.override(one, 1000);
        byKey();
        keys.override(one, 1001);
        push();
        lostOnTheWayBack(this::byKey);
        assertThat(api.text(name)).contains("1001").isNotEqualTo(before);
        keys.override(one, 1000);
        push();
        assertThat(byKey().keyDocuments()).isEqualTo(1);
        assertThat(api.text(name)).contains("\"quota\":1000");
    }

    @Test
    void anAnswerThatNeverEndsIsCut() {
        Fault dripping = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (System.nanoTime() < end) {
                exchange.getResponseBody().write(' ');
                exchange.getResponseBody().flush();
                PushFlagsJob.park(Duration.ofMillis(50).toNanos());
            }
        };
        api.fail(Fault.status(404), dripping);
        long before = System.nanoTime();

        assertThat(push().written()).containsExactly(NAME);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
    }

    /** A proxy's page, a redirect, a time-out: what a person need not mend. */
    @Test
    void whatIsNoAnswerOfTheApisIsTriedAgainAndThenDown() {
        Fault failed = Fault.text(200, "{\"success\":false,\"errors\":[]}");
        api.fail(Fault.status(404), Fault.status(408), Fault.status(302, "Location: /login"), failed);
        assertThat(push().written()).containsExactly(NAME);

        keys.pass(Duration.ofSeconds(1));
        keys.override(one, 1001);
        api.fail(Fault.status(404), failed, failed, failed, failed);
        assertThatThrownBy(this::push)
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(4))
                .hasMessageContaining("it answers 200; tried 4 times");
        api.fail(Fault.status(404), Fault.text(200, "{\"success\":false,\"errors\":[{\"code\":10000}]}"));
        assertThatThrownBy(this::push)
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
                .hasMessageContaining("COUNTERFOIL_KV_TOKEN is no token");
    }

    @Test
    void anApiThatIsAwayIsDown() {
        KvSettings settings = api.settings();
        api.close();
        assertThatThrownBy(() -> push(settings, 1, Optional.empty()))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(4))
                .hasMessageContaining(settings.api().toString())
                .hasMessageContaining("tried 4 times");
    }

    @Test
    void aWrongTokenOrNamespaceIsTheOperatorsAndNoTokenIsShown() {
        assertThatThrownBy(() -> push(api.settings("another-token-hush", KvApi.NAMESPACE), 1, Optional.empty()))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
                .hasMessageContaining(
                        "answers 403 (10000 Authentication error): COUNTERFOIL_KV_TOKEN is no token that may write")
                .hasMessageContaining("'Workers KV Storage: Edit'")
                .hasMessageNotContaining("hush");
        assertThatThrownBy(() -> push(api.settings(KvApi.TOKEN, "none"), 1, Optional.empty()))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
                .hasMessageContaining("answers 404 (10013 namespace not found): expected namespace none")
                .hasMessageNotContaining(KvApi.TOKEN);
        assertThat(api.settings().toString()).doesNotContain(KvApi.TOKEN);
    }

    @Test
    void settingsThatAreMissingOrWrongAreNamed() {
        Map<String, String> token = Map.of(KvSettings.TOKEN_VARIABLE, KvApi.TOKEN);
        assertThatThrownBy(() -> KvSettings.of(Map.of(), Optional.of("a"), Optional.of("b"), Optional.empty()))
                .hasMessageContaining("set COUNTERFOIL_KV_TOKEN");
        assertThatThrownBy(() -> KvSettings.of(token, Optional.empty(), Optional.of("b"), Optional.empty()))
                .hasMessageContaining("pass --kv-account ID or set COUNTERFOIL_KV_ACCOUNT");
        assertThatThrownBy(() -> KvSettings.of(token, Optional.of("a"), Optional.of("../x"), Optional.empty()))
                .hasMessageContaining("namespace of Workers KV is '../x'");
        for (String wrong : List.of("http://example.com", "https://user:hush@example.com", "ftp://localhost", "x y")) {
            assertThatThrownBy(() -> KvSettings.of(token, Optional.of("a"), Optional.of("b"), Optional.of(wrong)))
                    .as(wrong)
                    .hasMessageContaining("expected https://HOST")
                    .hasMessageNotContaining("hush");
        }
        assertThat(KvSettings.of(token, Optional.of("a"), Optional.of("b"), Optional.empty()))
                .hasToString("https://api.cloudflare.com a/b");
    }

    @Test
    void severalDocumentsAreOneRequestAndAKeyThatFailsIsSentAgain() {
        api.failKey(NAME + ".2");
        assertThat(push(api.settings(), 4, Optional.empty()).written()).hasSize(4);

        assertThat(api.values()).containsOnlyKeys(NAME + ".0", NAME + ".1", NAME + ".2", NAME + ".3");
        assertThat(api.requests()).filteredOn(each -> each.equals("PUT bulk")).hasSize(2);
    }

    @Test
    void aDocumentThatIsTooLargeNamesWhomItHasRoomForAndLiftsGoOn() {
        long many = keys.key(acme, small, "many");
        keys.use(many, 1000);
        byKey();
        assertThat(api.text(NAME)).contains(KeyStore.hash("one"));
        keys.jdbi()
                .useHandle(handle -> handle.execute(
                        "insert into api_key_secret (sha256, key_id, created_at)"
                                + " select sha256(i::text::bytea), ?, now() from generate_series(1, 120000) i",
                        many));
        keys.override(one, 5000);

        PushResult result = byKey();
        assertThat(result.fault().orElseThrow())
                .matches("document counterfoil-flags has room for 1\\d\\d,\\d{3} of 120,001 keys, expected at most"
                        + " 20,971,520 bytes: .*; use more documents \\(--shards.*");
        assertThat(result.keys()).isBetween(100_000L, 120_000L);
        assertThat(result.keyDocumentsDeleted()).isEqualTo(1);
        assertThat(api.text(NAME)).hasSizeBetween(20_000_000, 20 << 20).doesNotContain(KeyStore.hash("one"));

        assertThat(push(api.settings(), 4, Optional.empty()).fault()).isEmpty();
    }

    @Test
    void aDocumentAKeyEndsAtItsResetAndGoesWhenItIsLifted() {
        long two = keys.key(acme, small, "two");
        keys.use(two, 1000);
        String name = "flag:" + KeyStore.hash("one");

        assertThat(byKey().keyDocuments()).isEqualTo(2);
        assertThat(api.values().get(name).expiration()).isEqualTo(OptionalLong.of(RESET));
        assertThat(api.text(name))
                .isEqualTo("{\"format\":\"counterfoil-flags/1\",\"version\":" + keys.version()
                        + ",\"flags\":[{\"action\":\"refuse\",\"window\":\"hour\",\"measure\":\"requests\",\"quota\":1000,\"used\":1003,"
                        + "\"as_of\":" + NOW.getEpochSecond() + ",\"resets_at\":" + RESET + "}]}");
        keys.use(one, 5);
        assertThat(byKey().keyDocuments()).as("figures alone").isZero();

        keys.override(two, 5000);
        PushResult lifted = byKey();
        assertThat(lifted.keyDocumentsDeleted()).isEqualTo(1);
        assertThat(api.values()).containsOnlyKeys(NAME, name);

        keys.be(Instant.ofEpochSecond(RESET));
        assertThat(byKey().keyDocumentsDeleted()).as("KV drops it by itself").isZero();
        assertThat(byKey().idle()).isTrue();
    }

    @Test
    void aResetThatIsLessThanAMinuteAheadIsNoTrouble() {
        keys.be(Instant.ofEpochSecond(RESET - 5));
        assertThat(byKey().keyDocuments()).isEqualTo(1);
        keys.be(Instant.ofEpochSecond(RESET));
        assertThat(byKey().keyDocumentsDeleted()).isEqualTo(1);
        assertThat(api.values()).containsOnlyKeys(NAME);
    }

    @Test
    void moreDocumentsThanARequestTakesAreSeveralRequests() {
        keys.jdbi()
                .useHandle(handle -> handle.execute("insert into api_key_secret (sha256, key_id, created_at)"
                        + " select sha256(i::text::bytea), 1, now() from generate_series(1, 20000) i"));
        assertThat(byKey().keyDocuments()).isEqualTo(20_001);
        assertThat(api.requests()).filteredOn(each -> each.equals("PUT bulk")).hasSize(3);
        assertThat(api.values()).hasSize(20_002);
        assertThat(IntStream.of(byKey().keyDocuments())).containsExactly(0);
    }

    @Test
    void aTargetThatHasALaterVersionIsNotOverwritten() throws Exception {
        push();
        keys.jdbi().useHandle(handle -> handle.execute("update control_version set v = 1"));
        assertThatThrownBy(this::push)
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
                .hasMessageContaining("expected none later: was the database restored");
        try (PushFlagsJob job = new PushFlagsJob(
                PushSettings.kv(api.settings(), 1, Optional.empty(), SHORT, keys), keys.url(), keys, true)) {
            job.run();
        }
        assertThat(versionThere()).isEqualTo(1);
        assertThat(push().idle()).isTrue();
    }

    /** What was pushed is noted in the database, and restored with it. */
    @Test
    void aLaterVersionIsNotOverwrittenWhereTheDatabaseWasRestoredWithItsRecords() throws Exception {
        push();
        long before = keys.version();
        keys.jdbi().useHandle(handle -> {
            handle.execute("create table backup as select * from flag_push");
            handle.execute("update control_version set v = v + 500");
        });
        keys.pass(Duration.ofSeconds(1));
        keys.override(one, 5000);
        push();
        long later = versionThere();
        keys.jdbi().useHandle(handle -> {
            handle.execute("delete from flag_push");
            handle.execute("insert into flag_push select * from backup");
            handle.execute("update control_version set v = ?", before);
        });
        keys.override(one, 1002);

        assertThatThrownBy(this::push)
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
                .hasMessageContaining("are of version " + later + ", the database's are of version " + keys.version());
        assertThat(versionThere()).isEqualTo(later);
    }

    @Test
    void whatAnotherDatabaseNotedIsNotBelieved() {
        push();
        api.values().clear();
        assertThat(push().idle()).isTrue();
        keys.jdbi().useHandle(handle -> handle.execute("update database_identity set id = default"));
        assertThat(push().written()).as("a copy of the database").containsExactly(NAME);
        assertThat(push().idle()).isTrue();
    }

    @Test
    void anAnswerThatSaysThatItFailedIsNoValue() {
        push();
        keys.pass(Duration.ofMinutes(10));
        int before = api.writes().size();
        api.fail(Fault.text(200, "{\"success\":false,\"errors\":[{\"code\":10001,\"message\":\"try again\"}]}"));
        assertThat(push().idle()).isTrue();
        assertThat(api.writes()).as("asked again").hasSize(before);
    }
}
