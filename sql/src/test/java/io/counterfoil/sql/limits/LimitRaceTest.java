package io.counterfoil.sql.limits;

import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.account.KeyLifeStore;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.limits.LimitMerge.Used;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** Transactions that touch the same limits, in every order: whoever is second sees what the first did. */
final class LimitRaceTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:30:00Z");
    private static final Instant HOUR = Instant.parse("2026-11-01T12:00:00Z");

    private final LimitedAccounts accounts = new LimitedAccounts(NOW);
    private Instant end = NOW;
    private final ExecutorService other = Executors.newSingleThreadExecutor();
    private final long account = accounts.account("Acme");
    private final long small = accounts.plan("small", UsageLimit.parse("1000/hour", "refuse", "account"));
    private final long large = accounts.plan("large", UsageLimit.parse("5000/hour", "refuse", "account"));
    private final long one = accounts.key(account, small, "one");
    private final long two = accounts.key(account, small, "two");

    @AfterEach
    void limitsAddUp() {
        other.shutdownNow();
        assertThat(accounts.limitFaults(end)).isEmpty();
    }

    private LimitMerge merge(long key, long requests) {
        return new LimitMerge(accounts.jdbi(), List.of(new Used(HOUR, key, "success", requests, requests, 0)));
    }

    /** Runs it in another thread; returns once it waits for a lock. */
    private Future<?> blocked(Runnable action) throws Exception {
        Future<?> running = other.submit(action);
        while (!running.isDone() && !waitsForALock()) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return running;
    }

    private boolean waitsForALock() {
        return waiting() > 0;
    }

    private boolean move(String plan) {
        return new KeyLifeStore(accounts.jdbi()).move("one", plan.equals("large") ? large : small, NOW);
    }

    @Test
    void twoKeysOfAnAccountThatTogetherGoOverRaiseItsFlagWhoeverIsFirst() throws Exception {
        try (LimitMerge first = merge(one, 600).usage();
                LimitMerge second = merge(two, 600).usage()) {
            first.evaluate(NOW);
            second.evaluate(NOW);
        }
        assertThat(accounts.flags()).containsExactly(account + " 01T12 1200 1000 over");
    }

    @Test
    void aMergeThatFindsControlVersionTakenWaitsAndSeesWhatTheOtherDid() throws Exception {
        try (LimitMerge first = merge(one, 600).usage();
                LimitMerge second = merge(two, 600).usage();
                Handle holder = accounts.jdbi().open()) {
            holder.begin();
            ControlVersion.hold(holder);
            Future<?> waiting = blocked(() -> second.evaluate(NOW));
            assertThat(waiting.isDone()).isFalse();
            holder.commit();
            first.evaluate(NOW);
            waiting.get(30, TimeUnit.SECONDS);
        }
        assertThat(accounts.flags()).containsExactly(account + " 01T12 1200 1000 over");
    }

    @Test
    void aMoveBetweenAMergesUsageAndItsEvaluationIsSeenByIt() throws Exception {
        try (LimitMerge merge = merge(one, 1200).usage()) {
            assertThat(move("large")).isTrue();
            merge.evaluate(NOW);
        }
        assertThat(accounts.flags()).isEmpty();
        assertThat(usage()).containsExactly(large + " 1200");
    }

    @Test
    void aMoveThatWaitsForAMergeTakesWhatItCountedAlong() throws Exception {
        LimitMerge.whole(accounts.jdbi(), List.of(new Used(HOUR, two, "success", 900, 1, 0)), NOW);
        try (LimitMerge merge = merge(one, 300).usage()) {
            merge.evaluate(NOW);
            assertThat(accounts.flags()).containsExactly(account + " 01T12 1200 1000 over");
        }
        move("large");

        assertThat(accounts.flags()).containsExactly(account + " 01T12 900 1000");
        assertThat(usage()).containsExactlyInAnyOrder(small + " 900", large + " 300");
    }

    @Test
    void aDisableThatRacesAMergeLosesNeither() throws Exception {
        try (LimitMerge merge = merge(one, 1000).usage()) {
            assertThat(new KeyLifeStore(accounts.jdbi()).disable("one", NOW)).isTrue();
            merge.evaluate(NOW);
        }
        assertThat(accounts.flags()).containsExactly(account + " 01T12 1000 1000 over");
        assertThat(accounts.texts("select version::text from api_key where disabled_at is not null"))
                .hasSize(1);
        assertThat(accounts.texts(
                        "select (max(f.version) > max(k.version))::text from flag f, api_key k where k.label = 'one'"))
                .containsExactly("true");
    }

    @Test
    void anOverrideThatRacesAMergeLiftsWhatTheMergeRaised() throws Exception {
        LimitStore.NewOverride more = new LimitStore.NewOverride(
                Optional.empty(),
                Optional.of(account),
                "hour",
                "requests",
                Optional.empty(),
                9000,
                Optional.of(NOW.plusSeconds(600)));
        Decision decision = new Decision("ops", "launch day", NOW);
        try (LimitMerge before = merge(one, 1500).usage()) {
            before.evaluate(NOW);
        }
        try (LimitMerge during = merge(two, 100).usage()) {
            new LimitStore(accounts.jdbi()).override(more, decision);
            assertThat(accounts.flags()).isEmpty();
            during.evaluate(NOW);
        }
        assertThat(accounts.flags()).isEmpty();

        // Its time passes: the next batch, of whomever, finds it.
        long elsewhere = accounts.key(accounts.account("Else"), large, "else");
        LimitMerge.whole(accounts.jdbi(), List.of(new Used(HOUR, elsewhere, "success", 1, 1, 0)), NOW.plusSeconds(600));
        assertThat(accounts.flags()).containsExactly(account + " 01T12 1600 1000 over");
    }

    @Test
    void ofTwoPeopleWhoReplaceAPlansLimitsTheSecondOnesHold() throws Exception {
        LimitStore store = new LimitStore(accounts.jdbi());
        try (Handle holder = accounts.jdbi().open()) {
            holder.begin();
            ControlVersion.hold(holder);
            Future<?> first =
                    blocked(() -> store.replace(small, List.of(UsageLimit.parse("2000/hour", "refuse")), NOW));
            ExecutorService another = Executors.newSingleThreadExecutor();
            Future<?> second =
                    another.submit(() -> store.replace(small, List.of(UsageLimit.parse("5000/day", "refuse")), NOW));
            while (waiting() < 2) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
            holder.commit();
            first.get(30, TimeUnit.SECONDS);
            second.get(30, TimeUnit.SECONDS);
            another.shutdown();
        }
        assertThat(accounts.texts(
                        "select quota || '/' || time_window from plan_limit where ended_at is null and plan_id = "
                                + small))
                .containsExactly("5000/day");
    }

    private long waiting() {
        return accounts.jdbi()
                .withHandle(handle -> handle.createQuery("select count(*) from pg_stat_activity"
                                + " where datname = current_database() and wait_event_type = 'Lock'")
                        .mapTo(Long.class)
                        .one());
    }

    @Test
    void anotherQuotaIsToldOfAnew() {
        LimitMerge.whole(accounts.jdbi(), List.of(new Used(HOUR, one, "success", 1000, 1, 0)), NOW);
        new LimitStore(accounts.jdbi())
                .override(
                        new LimitStore.NewOverride(
                                Optional.empty(),
                                Optional.of(account),
                                "hour",
                                "requests",
                                Optional.empty(),
                                2000,
                                Optional.empty()),
                        new Decision("ops", "more", NOW));
        LimitMerge.whole(accounts.jdbi(), List.of(new Used(HOUR, one, "success", 650, 1, 0)), NOW);

        assertThat(accounts.texts("select quota || ' ' || threshold from notice order by quota, threshold"))
                .as("of a quota the highest that was crossed at once")
                .containsExactly("1000 100", "2000 80");
    }

    @Test
    void whatEndedDaysAgoIsForgottenAndItsNoticesStay() {
        LimitMerge.whole(accounts.jdbi(), List.of(new Used(HOUR, one, "success", 1200, 1, 0)), NOW);
        long early =
                accounts.jdbi().inTransaction(handle -> LimitEvaluation.forgetPassed(handle, NOW.plusSeconds(86_400)));
        long late = accounts.jdbi()
                .inTransaction(handle -> LimitEvaluation.forgetPassed(handle, NOW.plusSeconds(3 * 86_400)));
        end = NOW.plusSeconds(3 * 86_400);

        assertThat(early).isZero();
        assertThat(late).isEqualTo(2);
        assertThat(accounts.flags()).isEmpty();
        assertThat(accounts.texts("select threshold::text from notice order by notice.threshold"))
                .containsExactly("100");
    }

    private List<String> usage() {
        return accounts.texts("select l.plan_id || ' ' || u.used from limit_usage u join plan_limit l using (limit_id)"
                + " where used > 0 order by 1");
    }
}
