package io.counterfoil.jobs.push;

import io.counterfoil.jobs.push.KvApi.Fault;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.limits.UsageLimit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What goes on until it is stopped. */
final class PushWatchTest {
    private static final Instant RESET = Instant.parse("2026-11-26T08:00:00Z");
    private static final KvClient.Patience SHORT =
            new KvClient.Patience(1, Duration.ofMillis(20), Duration.ofSeconds(1), Duration.ofSeconds(2));

    private final FlaggedKeys keys = new FlaggedKeys(RESET.minusSeconds(1800));
    private final long plan = keys.plan("small", UsageLimit.parse("1000/hour", "refuse"));
    private final long account = keys.account("Acme");
    private final AtomicBoolean goOn = new AtomicBoolean(true);
    private final List<PushResult> pushed = new CopyOnWriteArrayList<>();
    private final List<String> trouble = new CopyOnWriteArrayList<>();
    private KvApi api;
    private PushFlagsJob job;
    private Thread watching;

    @BeforeEach
    void start() throws Exception {
        api = KvApi.start(keys);
        job = new PushFlagsJob(
                PushSettings.kv(api.settings(), 1, Optional.empty(), SHORT, keys), keys.url(), keys, false);
        PushWatch watch = new PushWatch(job, keys.url(), keys, PushFlagsJob.PACE, pushed::add, trouble::add);
        watching = new Thread(() -> watch.run(goOn::get), "watch");
    }

    @AfterEach
    void stop() throws Exception {
        goOn.set(false);
        watching.join(TimeUnit.SECONDS.toMillis(30));
        assertThat(watching.isAlive()).isFalse();
        job.close();
        api.close();
    }

    private boolean names(String label) {
        return api.values().containsKey(PushSettings.DOCUMENT)
                && api.text(PushSettings.DOCUMENT).contains(KeyStore.hash(label));
    }

    @Test
    void aFlagIsPushedWhenItIsRaisedAndGoneWhenItResets() throws Exception {
        long one = keys.key(account, plan, "one");
        watching.start();
        Until.isTrue("the first push, of nobody", () -> pushed.size() == 1);

        long before = System.nanoTime();
        keys.use(one, 1000);
        Until.isTrue("it is there", () -> names("one"));
        assertThat(Duration.ofNanos(System.nanoTime() - before))
                .as("woken, not polled")
                .isLessThan(Duration.ofSeconds(5));

        keys.be(RESET);
        Until.isTrue("it is gone", () -> !names("one"));
        assertThat(trouble).isEmpty();
    }

    @Test
    void manyChangesAreOneWriteASecondAndTheLastOneIsThere() throws Exception {
        watching.start();
        long began = System.nanoTime();
        for (int i = 0; i < 150; i++) {
            keys.use(keys.key(account, plan, "key " + i), 1000);
        }
        Until.isTrue("the last one is there", () -> names("key 149"));
        long seconds = Duration.ofNanos(System.nanoTime() - began).toSeconds();

        assertThat(api.writes()).hasSizeLessThanOrEqualTo((int) seconds + 2);
        assertThat(api.requests())
                .as("none was refused for coming too soon")
                .filteredOn(each -> each.startsWith("PUT"))
                .hasSameSizeAs(api.writes());
    }

    @Test
    void whoIsAskedToWaitWaitsAndTroubleThatStaysIsTriedEverLater() throws Exception {
        api.fail(Fault.status(404), Fault.status(429, "Retry-After: 4"));
        watching.start();
        Until.isTrue("it is told", () -> trouble.size() == 1);
        long told = System.nanoTime();
        Until.isTrue("it is asked again", () -> api.requests().size() == 3);
        assertThat(Duration.ofNanos(System.nanoTime() - told)).isGreaterThan(Duration.ofMillis(3500));

        Until.isTrue("it is pushed", () -> trouble.size() == 2);
        Fault[] three = {Fault.status(503), Fault.status(503), Fault.status(503)};
        api.fail(three);
        keys.use(keys.key(account, plan, "one"), 1000);
        long began = System.nanoTime();
        Until.isTrue("it is there", () -> names("one"));
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .as("one, two and four seconds")
                .isGreaterThan(Duration.ofMillis(6500));
    }

    @Test
    void aSettingIsFatalUntilTheFirstPushAndToldAfterwards() throws Exception {
        try (PushFlagsJob wrong = new PushFlagsJob(
                PushSettings.kv(api.settings("another-token-hush", KvApi.NAMESPACE), 1, Optional.empty(), SHORT, keys),
                keys.url(),
                keys,
                false)) {
            PushWatch watch = new PushWatch(wrong, keys.url(), keys, PushFlagsJob.PACE, pushed::add, trouble::add);
            assertThatThrownBy(() -> watch.run(goOn::get)).hasMessageContaining("COUNTERFOIL_KV_TOKEN is no token");
        }
        watching.start();
        Until.isTrue("the first push, of nobody", () -> pushed.size() == 1);
        api.fail(Fault.status(403));
        keys.use(keys.key(account, plan, "one"), 1000);
        Until.isTrue("it is there", () -> names("one"));
        assertThat(trouble.get(0)).contains("COUNTERFOIL_KV_TOKEN is no token");
    }

    @Test
    void troubleIsToldOnceAndPassesByItself() throws Exception {
        keys.use(keys.key(account, plan, "one"), 1000);
        api.fail(Fault.status(503), Fault.status(503));
        watching.start();
        Until.isTrue("it is there", () -> names("one"));
        Until.isTrue("it is told", () -> trouble.size() == 2);
        assertThat(trouble.get(0)).startsWith("flags cannot be pushed, trying again: Workers KV at http://127.0.0.1:");
        assertThat(trouble.get(1)).isEqualTo("flags are pushed again");

        keys.jdbi()
                .useHandle(handle -> handle.execute("select pg_terminate_backend(pid) from pg_stat_activity"
                        + " where datname = current_database() and pid <> pg_backend_pid()"));
        Until.isTrue("the listener comes back", () -> trouble.size() == 4);
        keys.use(keys.key(account, plan, "two"), 1000);
        Until.isTrue("it is there too", () -> names("two"));
    }
}
