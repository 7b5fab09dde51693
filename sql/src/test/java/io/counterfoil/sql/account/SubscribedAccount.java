package io.counterfoil.sql.account;

import io.counterfoil.sql.account.SubscriptionStore.Change;
import io.counterfoil.sql.account.SubscriptionStore.Subject;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** An account of a database of its own, with two plans, and what subscriptions make of its keys. */
abstract class SubscribedAccount {
    static final Instant HOUR = Instant.parse("2026-11-01T12:00:00Z");
    static final Instant NOW = HOUR.plusSeconds(1800);
    static final Duration ONE = Duration.ofHours(1);

    final TestDatabase database = TestDatabase.fresh();
    final Jdbi jdbi = database.jdbi();
    final SubscriptionStore store = new SubscriptionStore(jdbi);
    final KeyLifeStore life = new KeyLifeStore(jdbi);
    final long account = new AccountStore(jdbi).create("Acme", Optional.empty(), HOUR);
    final long small = plan("small", "100/hour");
    final long large = plan("large", "5000/hour");

    long plan(String name, String limit) {
        return new PlanStore(jdbi).create(name, List.of(UsageLimit.parse(limit, "refuse")), HOUR);
    }

    void key(String label, Optional<Long> plan, Instant now) {
        Optional<String> secret = Optional.of(KeyStore.hash("secret of " + label));
        new KeyStore(jdbi).create(List.of(new KeyStore.NewKey(account, plan, label, secret, "test")), now);
    }

    Change ofAccount(Optional<Long> plan, Instant since, Instant now) {
        return change(new Subject(account, Optional.empty()), plan, since, now);
    }

    static Change change(Subject subject, Optional<Long> plan, Instant since, Instant now) {
        return new Change(subject, since, plan, new Decision("ops", "they asked", now), "test");
    }

    void use(long key, Instant hour, long requests) {
        jdbi.useHandle(handle -> {
            handle.createQuery("select create_usage_partition(:hour)")
                    .bind("hour", hour.atOffset(ZoneOffset.UTC))
                    .mapTo(String.class)
                    .list();
            handle.createUpdate(
                            "insert into usage_hourly (hour, key_id, route, outcome, requests, units, bytes_in, bytes_out,"
                                    + " duration_us) values (:hour, :key, 'r', 'success', :n, :n, 0, 0, 0)")
                    .bind("hour", hour.atOffset(ZoneOffset.UTC))
                    .bind("key", key)
                    .bind("n", requests)
                    .execute();
        });
    }

    void invoice(Instant until) {
        jdbi.useHandle(handle -> insertInvoice(handle, until));
    }

    void insertInvoice(Handle handle, Instant until) {
        handle.createUpdate(
                        "insert into invoice (number, kind, account_id, period_interval, anchor_day, period_from, period_to,"
                                + " currency, net, tax, total, lines, merge_no, finalised_at, seller, buyer) values (1, 'invoice', :account,"
                                + " 'monthly', 1, :until::timestamptz - interval '1 month', :until, 'EUR', 0, 0, 0, 0, 1, :until, '{}', '{}')")
                .bind("account", account)
                .bind("until", until.atOffset(ZoneOffset.UTC))
                .execute();
    }

    long version() {
        return Long.parseLong(texts("select v::text from control_version").get(0));
    }

    List<String> plans() {
        return texts(
                "select k.label || ' ' || coalesce(p.name, '-') from api_key k left join plan p using (plan_id) order by 1");
    }

    List<String> rows() {
        return texts(
                "select case when key_id is null then 'account' else 'key' end || ' ' || to_char(since at time zone 'UTC', 'HH24:MI')"
                        + " || ' ' || coalesce(p.name, 'none') || ' ' || actor || case when replaced_at is null then '' else ' replaced' end"
                        + " from subscription left join plan p using (plan_id) order by 1");
    }

    Map<String, Long> planIds(String sql) {
        Map<String, Long> plans = new TreeMap<>();
        jdbi.useHandle(handle -> handle.createQuery(sql)
                .map((row, context) -> Map.entry(row.getString(1), row.getLong(2)))
                .forEach(entry -> plans.put(entry.getKey(), entry.getValue())));
        return plans;
    }

    List<String> texts(String sql) {
        return jdbi.withHandle(
                handle -> handle.createQuery(sql).mapTo(String.class).list());
    }

    boolean waitsForALock() {
        return texts(
                                "select 'waits' from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")
                        .size()
                > 0;
    }
}
