package io.counterfoil.jobs.invoice;

import io.counterfoil.jobs.invoice.BilledWorld.Used;
import io.counterfoil.sql.ControlVersion;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import static org.assertj.core.api.Assertions.assertThat;

/** Merges and finalising meet in every order: what is counted is billed once, by the invoice or by an adjustment. */
final class FinaliseRaceTest {
    private static final Instant NOW = Instant.parse("2026-11-05T00:00:00Z");

    private final BilledWorld world = new BilledWorld();
    private final long account = world.account("Acme");
    private final long key = world.key(account, "acme-1");
    private final ExecutorService others = Executors.newCachedThreadPool();

    @BeforeEach
    void subscribe() {
        world.subscribe(
                account,
                Optional.empty(),
                Optional.of(world.plan(Cards.simple("team", "0.00", "1.00"))),
                "2026-10-01T00:00:00Z");
        world.merge(List.of(Used.of(key, "2026-10-10T05:00:00Z", 100)), NOW);
    }

    @AfterEach
    void end() {
        others.shutdownNow();
    }

    private Runnable late(long requests) {
        return world.staged(List.of(Used.of(key, "2026-10-10T05:00:00Z", requests)), NOW);
    }

    private void finalise() {
        world.finalise("2026-10", "2026-11-05T00:00:00Z");
    }

    /** Of all invoices, after the next month's took the adjustments. */
    private BigDecimal billed() {
        world.finalise("2026-11", "2026-12-05T00:00:00Z");
        return new BigDecimal(
                world.texts("select sum(total)::text from invoice").get(0));
    }

    /** Runs it in another thread; returns once so many sessions wait for a lock. */
    private Future<?> waiting(Runnable action, int sessions) throws Exception {
        Future<?> running = others.submit(action);
        while (!running.isDone() && waitingSessions() < sessions) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return running;
    }

    private int waitingSessions() {
        return world.jdbi()
                .withHandle(handle -> handle.createQuery("select count(*) from pg_stat_activity where datname ="
                                + " current_database() and wait_event_type = 'Lock'")
                        .mapTo(Integer.class)
                        .one());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aMergeThatHasAddedItsUsageAndAFinaliserWaitForOneAnother(boolean mergeFirst) throws Exception {
        Runnable merge = late(7);
        Future<?> one;
        Future<?> two;
        try (Handle holder = world.jdbi().open()) {
            holder.begin();
            ControlVersion.hold(holder);
            one = waiting(mergeFirst ? merge : this::finalise, 1);
            two = waiting(mergeFirst ? this::finalise : merge, 2);
            holder.commit();
        }
        one.get(60, TimeUnit.SECONDS);
        two.get(60, TimeUnit.SECONDS);

        // Whoever is first in line gets the row first: Postgres wakes those who wait in order.
        assertThat(world.texts("select total::text from invoice")).containsExactly(mergeFirst ? "107.00" : "100.00");
        assertThat(world.texts("select count(*)::text from usage_restatement")).containsExactly(mergeFirst ? "0" : "1");
        assertThat(billed()).isEqualByComparingTo("107");
    }

    @Test
    void manyMergesAndFinalisersAtOnceBillEachRequestOnceAndLeaveNoGap() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<Long> accounts = IntStream.range(0, 20)
                .mapToObj(i -> world.account("account " + i))
                .toList();
        long plan = world.plan(Cards.simple("other", "1.00", "1.00"));
        List<Long> keys = new ArrayList<>(List.of(key));
        for (long each : accounts) {
            world.subscribe(each, Optional.empty(), Optional.of(plan), "2026-10-01T00:00:00Z");
            keys.add(world.key(each, "key of " + each));
        }
        long counted = 100;
        List<Runnable> actions = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            List<Used> rows = new ArrayList<>();
            for (long each : keys) {
                long requests = random.nextInt(1, 50);
                counted += requests;
                rows.add(Used.of(each, "2026-10-%02dT05:00:00Z".formatted(random.nextInt(1, 32)), requests));
            }
            actions.add(world.staged(rows, NOW));
        }
        IntStream.range(0, 4).forEach(i -> actions.add(random.nextInt(actions.size()), this::finalise));
        List<Future<?>> running = new ArrayList<>();
        for (Runnable action : actions) {
            running.add(others.submit(action));
            TimeUnit.MILLISECONDS.sleep(random.nextInt(30));
        }
        for (Future<?> each : running) {
            each.get(120, TimeUnit.SECONDS);
        }

        // Fees: one of 1.00 for each of 20 accounts, in each of two months.
        assertThat(billed()).as("seed %d", seed).isEqualByComparingTo(BigDecimal.valueOf(counted + 2 * 20));
        assertThat(world.texts("select (max(number) - count(*))::text from invoice"))
                .containsExactly("0");
        assertThat(world.texts("select count(*)::text from invoice")).containsExactly("42");
    }
}
