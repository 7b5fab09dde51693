package io.counterfoil.sql.account;

import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Sessions that stop where another has what they need, in the order in which they would wait for one another for ever. */
final class LockOrderTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

    private final TestDatabase database = TestDatabase.fresh();
    private final Jdbi jdbi = database.jdbi();
    private final long account = new AccountStore(jdbi).create("Acme", Optional.of("42"), NOW);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    /** Its own lock on the account is one that a new key does not conflict with, but another external id does. */
    @Test
    void anAccountsChangeThatHoldsTheVersionIsNotWaitedForByAKeyThatItWaitsFor() throws Exception {
        try (Handle holder = jdbi.open()) {
            holder.begin();
            holder.execute("select from account for key share");
            Future<AccountDetailStore.Saved> saved = threads.submit(this::save);
            waiting(1);
            Future<Integer> created = threads.submit(this::create);
            waiting(2);
            holder.commit();

            assertThat(saved.get(30, TimeUnit.SECONDS)).isEqualTo(new AccountDetailStore.Saved(0, 1));
            assertThat(created.get(30, TimeUnit.SECONDS)).isEqualTo(1);
        }
        assertThat(details()).isEqualTo("43 Europe/Berlin");
    }

    @Test
    void anAccountsChangeWaitsForAKeyThatWaitsForTheVersion() throws Exception {
        try (Handle merge = jdbi.open()) {
            merge.begin();
            ControlVersion.hold(merge);
            Future<Integer> created = threads.submit(this::create);
            waiting(1);
            Future<AccountDetailStore.Saved> saved = threads.submit(this::save);
            waiting(2);
            // As a merge leaves notices, and who finalises an invoice.
            merge.execute(
                    "insert into invoice_hold (account_id, placed_at, actor, reason) values (?, now(), 'ops', 'r')",
                    account);
            merge.commit();

            assertThat(created.get(30, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(saved.get(30, TimeUnit.SECONDS)).isEqualTo(new AccountDetailStore.Saved(0, 1));
        }
        assertThat(details()).isEqualTo("43 Europe/Berlin");
    }

    @Test
    void aPlanOfThatNameIsWaitedForAndThenTaken() throws Exception {
        try (Handle apply = jdbi.open()) {
            apply.begin();
            PlanVersionStore versions = new PlanVersionStore(apply);
            versions.hold();
            Future<Long> created = threads.submit(() -> new PlanStore(jdbi).create("team", List.of(), NOW));
            waiting(1);
            versions.insert(
                    "{\"plan\":\"team\",\"version\":1,\"interval\":\"monthly\",\"anchor_day\":1,\"currency\":\"EUR\","
                            + "\"billable\":[\"success\"],\"thresholds\":[80]}",
                    List.of(),
                    NOW);
            versions.finish(NOW);
            apply.commit();

            assertThatThrownBy(() -> created.get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(OperatorException.class)
                    .hasMessageContaining("plan 'team' cannot be created: the name is taken");
        }
    }

    private AccountDetailStore.Saved save() {
        return new AccountDetailStore(jdbi)
                .save(
                        List.of(new AccountDetailStore.Row(
                                "Acme",
                                Map.of(
                                        AccountField.EXTERNAL_ID,
                                        Optional.of("43"),
                                        AccountField.TIME_ZONE,
                                        Optional.of("Europe/Berlin")),
                                "test")),
                        false,
                        NOW);
    }

    private int create() {
        return new KeyStore(jdbi)
                .create(
                        List.of(new KeyStore.NewKey(
                                account, Optional.empty(), "acme", Optional.of(KeyStore.hash("one")), "test")),
                        NOW);
    }

    private String details() {
        return jdbi.withHandle(handle -> handle.createQuery("select external_id || ' ' || time_zone from account")
                .mapTo(String.class)
                .one());
    }

    /** Until so many sessions of this test's database wait for a lock. */
    private void waiting(int sessions) throws InterruptedException {
        while (jdbi.withHandle(handle -> handle.createQuery("select count(*) from pg_stat_activity"
                                + " where datname = current_database() and wait_event_type = 'Lock'")
                        .mapTo(Integer.class)
                        .one())
                < sessions) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }
}
