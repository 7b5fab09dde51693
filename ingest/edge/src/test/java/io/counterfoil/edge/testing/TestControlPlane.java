package io.counterfoil.edge.testing;

import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.account.KeyStore.NewKey;
import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Jdbi;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** Keys, limits and flags in a database of a test's own. */
public final class TestControlPlane {
    private final TestDatabase database = TestDatabase.fresh();
    private final Jdbi jdbi = database.jdbi();

    public String jdbcUrl() {
        return database.jdbcUrl();
    }

    public Jdbi jdbi() {
        return jdbi;
    }

    /** An account with a key of that text under that label, on a plan with one limit of 100 an hour. */
    public void createKey(String label, String key, String action) {
        createKey(label, key, List.of(UsageLimit.parse("100/hour", action)));
    }

    /** As {@link #createKey(String, String, String)}, on a plan with these limits. */
    public void createKey(String label, String key, List<UsageLimit> limits) {
        Instant now = Instant.now();
        long account = new AccountStore(jdbi).create(label, Optional.empty(), now);
        long plan = new PlanStore(jdbi).create("plan-" + label, limits, now);
        NewKey newKey = new NewKey(account, Optional.of(plan), label, Optional.of(KeyStore.hash(key)), "test");
        new KeyStore(jdbi).create(List.of(newKey), now);
    }

    public void disable(String label) {
        change("update api_key set disabled_at = now(), version = :v where label = '" + label + "'");
    }

    /** Of every key. */
    public void disableAll() {
        change("update api_key set disabled_at = now(), version = :v");
    }

    /** Raises the flag of the key's limit, for the hour that begins then. */
    public void raiseFlag(String label, long used, Instant windowStart) {
        String start = "'" + windowStart.atOffset(ZoneOffset.UTC) + "'::timestamptz";
        change(
                "insert into flag (limit_id, subject_id, window_start, resets_at, action, quota, used, over, as_of, raised_at,"
                        + " version) select limit_id, key_id, " + start + ", " + start
                        + " + interval '1 hour', action, quota, "
                        + used + ", " + used + " >= quota, " + start + " + interval '10 minutes', now(), :v"
                        + " from api_key join plan_limit using (plan_id) where label = '" + label
                        + "' and scope = 'key'");
    }

    /** Raises a flag of each of the plan's limits, in windows that began then, with so much in a hundred of the quota used. */
    public void raiseFlags(String label, long percent, Instant windowStart) {
        String start = "'" + windowStart.atOffset(ZoneOffset.UTC) + "'::timestamptz";
        change(
                "insert into flag (limit_id, subject_id, window_start, resets_at, action, quota, used, over, as_of, raised_at,"
                        + " version) select limit_id, case scope when 'key' then key_id else account_id end, " + start
                        + ", " + start
                        + " + interval '1 hour', action, quota, quota * " + percent + " / 100, " + percent + " >= 100, "
                        + start
                        + " + interval '10 minutes', now(), :v"
                        + " from api_key join plan_limit using (plan_id) where label = '" + label + "'");
    }

    /** Counts that many requests of the key in that hour, up to its beginning, by all of its plan's limits too. */
    public void used(String label, Instant hour, long requests) {
        count(label, hour, requests, 0);
        jdbi.useHandle(handle -> {
            handle.createUpdate("insert into limit_usage (limit_id, subject_id, window_start, resets_at, used)"
                            + " select limit_id, case scope when 'key' then key_id else account_id end,"
                            + " limit_window_start(time_window, :hour), limit_window_end(time_window,"
                            + " limit_window_start(time_window, :hour)), :used"
                            + " from api_key join plan_limit using (plan_id) where label = :label")
                    .bind("hour", hour.atOffset(ZoneOffset.UTC))
                    .bind("used", requests)
                    .bind("label", label)
                    .execute();
            handle.createUpdate(
                            "insert into stream_mark values ('test', '1', 0, 1, 1, :through, false) on conflict do nothing")
                    .bind("through", hour.toEpochMilli() * 1000)
                    .execute();
        });
    }

    /** Counts requests of the key in an hour, successful and refused ones, and no limit's usage. */
    public void count(String label, Instant hour, long requests, long refused) {
        jdbi.useHandle(handle -> {
            handle.createQuery("select create_usage_partition(:hour)")
                    .bind("hour", hour.atOffset(ZoneOffset.UTC))
                    .mapTo(String.class)
                    .list();
            handle.createUpdate("insert into usage_hourly"
                            + " select :hour, key_id, 'items', outcome, requests, requests, 0, requests * 1000, 1 from api_key,"
                            + " (values ('success', cast(:requests as bigint)), ('refused', cast(:refused as bigint)))"
                            + " counted (outcome, requests) where label = :label and requests > 0")
                    .bind("hour", hour.atOffset(ZoneOffset.UTC))
                    .bind("requests", requests)
                    .bind("refused", refused)
                    .bind("label", label)
                    .execute();
        });
    }

    /** As if there had never been one; edges keep theirs. */
    public void removeFlags() {
        jdbi.useHandle(handle -> handle.execute("delete from flag"));
    }

    public void liftFlags() {
        change("update flag set lifted = true, version = :v");
    }

    /** As every writer does: the change, stamped with the next version, and a word to the edges. */
    private void change(String sql) {
        jdbi.useTransaction(handle -> {
            long version = ControlVersion.next(handle);
            handle.createUpdate(sql).bind("v", version).execute();
            ControlVersion.wakeEdges(handle, version);
        });
    }

    /** The database refuses everyone, and ends who is connected. */
    public void takeAway() {
        elsewhere("alter database " + name() + " with allow_connections false");
        elsewhere("select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + name() + "'");
    }

    public void giveBack() {
        elsewhere("alter database " + name() + " with allow_connections true");
    }

    private void elsewhere(String sql) {
        Jdbi.create(jdbcUrl().replace("/" + name(), "/postgres")).useHandle(handle -> handle.execute(sql));
    }

    private String name() {
        return jdbcUrl().replaceAll(".*/(test_\\d+).*", "$1");
    }
}
