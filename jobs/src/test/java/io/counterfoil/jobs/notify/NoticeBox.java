package io.counterfoil.jobs.notify;

import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.notice.WebhookStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Jdbi;

import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** A database with an account, its targets and its outbox, and a clock that stands still until it is moved. */
final class NoticeBox implements InstantSource {
    private final TestDatabase database;
    private final Jdbi jdbi;
    private final long account;
    private volatile Instant now = Instant.parse("2026-11-01T12:30:00Z");

    NoticeBox(TestDatabase database) {
        this.database = database;
        this.jdbi = database.jdbi();
        jdbi.useHandle(handle -> handle.execute("truncate account, plan, notice restart identity cascade"));
        account = new AccountStore(jdbi).create("Acme", Optional.empty(), now);
        long plan = new PlanStore(jdbi).create("small", List.of(UsageLimit.parse("1000/hour", "warn")), now);
        new KeyStore(jdbi)
                .create(
                        List.of(new KeyStore.NewKey(
                                account, Optional.of(plan), "one", Optional.of(KeyStore.hash("one")), "test")),
                        now);
    }

    @Override
    public Instant instant() {
        return now;
    }

    void pass(long seconds) {
        now = now.plusSeconds(seconds);
    }

    Jdbi jdbi() {
        return jdbi;
    }

    TestDatabase database() {
        return database;
    }

    WebhookStore.Endpoint endpoint(WebhookKey key, String url) {
        return new WebhookStore(jdbi).create(account, url, key.id(), decision());
    }

    Decision decision() {
        return new Decision("ops", "because", now);
    }

    void mailTo(String address) {
        new AccountStore(jdbi).mailTo(account, Optional.of(address), now);
    }

    /** One notice a threshold. */
    void raise(int... thresholds) {
        for (int threshold : thresholds) {
            jdbi.useHandle(handle -> handle.createUpdate(
                            "insert into notice (account_id, limit_id, subject_id, window_start, threshold, quota, used, as_of,"
                                    + " resets_at, raised_at) values (1, 1, 1, '2026-11-01T12:00:00Z', :threshold, 1000, 950, :now,"
                                    + " '2026-11-01T13:00:00Z', :now)")
                    .bind("threshold", threshold)
                    .bind("now", now.atOffset(ZoneOffset.UTC))
                    .execute());
        }
    }

    List<String> texts(String sql) {
        return jdbi.withHandle(
                handle -> handle.createQuery(sql).mapTo(String.class).list());
    }

    /** "state attempts status error" of each delivery. */
    List<String> deliveries() {
        return texts(
                "select case when delivered_at is not null then 'delivered' when dead_at is not null then 'dead' else 'pending' end"
                        + " || ' ' || attempts || coalesce(' ' || last_status, '') || coalesce(' ' || last_error, '')"
                        + " from notice_delivery order by delivery_id");
    }
}
