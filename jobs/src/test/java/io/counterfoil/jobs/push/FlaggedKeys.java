package io.counterfoil.jobs.push;

import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.limits.LimitEvaluation;
import io.counterfoil.sql.limits.LimitStore;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Jdbi;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** A database with keys whose use is counted as a merge counts it, and a clock that stands still until it is moved. */
final class FlaggedKeys implements InstantSource {
    private final TestDatabase database = TestDatabase.fresh();
    private final Jdbi jdbi = database.jdbi();
    private volatile Instant now;

    FlaggedKeys(Instant now) {
        this.now = now;
        jdbi.useHandle(handle -> handle.createQuery("select create_usage_partition(:now)::text")
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .mapTo(String.class)
                .list());
    }

    @Override
    public Instant instant() {
        return now;
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    void be(Instant then) {
        now = then;
    }

    Jdbi jdbi() {
        return jdbi;
    }

    TestDatabase database() {
        return database;
    }

    String url() {
        return database.jdbcUrl();
    }

    long account(String name) {
        return new AccountStore(jdbi).create(name, Optional.empty(), now);
    }

    long plan(String name, UsageLimit... limits) {
        return new PlanStore(jdbi).create(name, List.of(limits), now);
    }

    /** Its text is its label. */
    long key(long account, long plan, String label) {
        return key(account, plan, label, Optional.of(KeyStore.hash(label)));
    }

    long key(long account, long plan, String label, Optional<String> sha256) {
        new KeyStore(jdbi).create(List.of(new KeyStore.NewKey(account, Optional.of(plan), label, sha256, "test")), now);
        return jdbi.withHandle(handle -> handle.createQuery("select key_id from api_key where label = :label")
                .bind("label", label)
                .mapTo(Long.class)
                .one());
    }

    /** Counts so many requests of this hour, and what follows of it, in one transaction. */
    void use(long key, long requests) {
        jdbi.useTransaction(handle -> {
            handle.createUpdate(
                            "insert into usage_hourly as u (hour, key_id, route, outcome, requests, units, bytes_in,"
                                    + " bytes_out, duration_us) values (date_trunc('hour', :now::timestamptz, 'UTC'), :key, 'r',"
                                    + " 'success', :n, :n, 0, 0, 0) on conflict (hour, key_id, route, outcome)"
                                    + " do update set requests = u.requests + excluded.requests, units = u.units + excluded.units")
                    .bind("now", now.atOffset(ZoneOffset.UTC))
                    .bind("key", key)
                    .bind("n", requests)
                    .execute();
            long account = handle.createQuery("select account_id from api_key where key_id = :key")
                    .bind("key", key)
                    .mapTo(Long.class)
                    .one();
            long version = ControlVersion.next(handle);
            LimitEvaluation.again(handle, LimitEvaluation.Touched.key(key, account), version, now);
            ControlVersion.wakeEdges(handle, version);
        });
    }

    /** Another quota of the hour's requests. */
    void override(long key, long quota) {
        new LimitStore(jdbi)
                .override(
                        new LimitStore.NewOverride(
                                Optional.of(key),
                                Optional.empty(),
                                "hour",
                                "requests",
                                Optional.empty(),
                                quota,
                                Optional.empty()),
                        decision());
    }

    Decision decision() {
        return new Decision("ops", "because", now);
    }

    long version() {
        return jdbi.withHandle(handle -> handle.createQuery("select v from control_version")
                .mapTo(Long.class)
                .one());
    }
}
