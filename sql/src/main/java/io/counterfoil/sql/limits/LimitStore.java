package io.counterfoil.sql.limits;

import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.SqlFile;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.limits.LimitEvaluation.Touched;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Plans' limits and overrides of them. Each change is one transaction that evaluates what it touches and wakes the edges. */
public final class LimitStore {
    private static final String OVERRIDE = SqlFile.read("limits/insert-override.sql");

    private static final Instant LATEST_END = Instant.parse("3000-01-01T00:00:00Z");

    private final Jdbi jdbi;

    public LimitStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Gives a plan these limits in place of those it has; one that stays the same keeps what was used of it. One of another quota is
     * another limit: its thresholds are told anew, in the running window too.
     *
     * @throws OperatorException category INPUT where two of them differ in their quota alone, or the plan comes from a plans file
     */
    public void replace(long plan, List<UsageLimit> limits, Instant now) {
        jdbi.useTransaction(handle -> {
            // One at a time, and what the other one did is seen: in a statement of its own.
            ControlVersion.hold(handle);
            handle.createQuery("select name from plan where plan_id = :plan and definition is not null")
                    .bind("plan", plan)
                    .mapTo(String.class)
                    .findOne()
                    .ifPresent(name -> {
                        throw OperatorException.input("plan '" + name + "' comes from a plans file, where its limits"
                                + " are too: write its next version there, then: counterfoil plan apply FILE");
                    });
            set(handle, plan, limits, now);
            stampLimits(handle, now);
        });
    }

    /** As {@link #replace}, within a transaction that holds control_version and then calls {@link #stampLimits}. */
    public static void set(Handle handle, long plan, List<UsageLimit> limits, Instant now) {
        List<UsageLimit> present = inForce(handle, plan);
        for (UsageLimit limit : present) {
            if (!limits.contains(limit)) {
                end(handle, plan, limit, now);
            }
        }
        insert(
                handle,
                plan,
                limits.stream().filter(limit -> !present.contains(limit)).toList(),
                0);
    }

    /** Those that a plan has now. */
    public static List<UsageLimit> inForce(Handle handle, long plan) {
        return handle.createQuery("select quota, time_window, measure, action, scope from plan_limit"
                        + " where plan_id = :plan and ended_at is null order by limit_id")
                .bind("plan", plan)
                .map((row, context) -> new UsageLimit(
                        row.getLong("quota"),
                        row.getString("time_window"),
                        row.getString("measure"),
                        row.getString("action"),
                        row.getString("scope")))
                .list();
    }

    /** Stamps the limits that this transaction inserted or ended, evaluates them and wakes the edges. */
    public static void stampLimits(Handle handle, Instant now) {
        List<Long> changed = handle.createQuery("select limit_id from plan_limit where version = 0")
                .mapTo(Long.class)
                .list();
        stamp(handle, "plan_limit", Touched.limits(changed), now);
    }

    private static void end(Handle handle, long plan, UsageLimit limit, Instant now) {
        handle.createUpdate(
                        "update plan_limit set ended_at = :now, version = 0 where plan_id = :plan and ended_at is null"
                                + " and (scope, time_window, measure, action) = (:scope, :window, :measure, :action)")
                .bind("now", LimitEvaluation.utc(now))
                .bind("plan", plan)
                .bind("scope", limit.scope())
                .bind("window", limit.window())
                .bind("measure", limit.measure())
                .bind("action", limit.action())
                .execute();
    }

    /**
     * Inserts a plan's limits; whoever calls holds control_version, or stamps them afterwards (version 0).
     *
     * @throws OperatorException category INPUT where two of them differ in their quota alone
     */
    public static void insert(Handle handle, long plan, List<UsageLimit> limits, long version) {
        for (UsageLimit limit : limits) {
            int inserted = handle.createUpdate(
                            "insert into plan_limit (plan_id, time_window, measure, quota, action, scope, version) values"
                                    + " (:plan, :window, :measure, :quota, :action, :scope, :version) on conflict do nothing")
                    .bind("plan", plan)
                    .bind("window", limit.window())
                    .bind("measure", limit.measure())
                    .bind("quota", limit.quota())
                    .bind("action", limit.action())
                    .bind("scope", limit.scope())
                    .bind("version", version)
                    .execute();
            if (inserted == 0) {
                throw OperatorException.input(
                        "limit is '" + limit.text() + "', then " + limit.action() + ", per " + limit.scope()
                                + ": there is one already of that window, measure, action and scope; expected one");
            }
        }
    }

    /**
     * An override for a key or for an account, by its number.
     *
     * @param action empty: of whatever action the limits are
     * @param until from when on it no longer holds; empty: until it is ended
     */
    public record NewOverride(
            Optional<Long> key,
            Optional<Long> account,
            String window,
            String measure,
            Optional<String> action,
            long quota,
            Optional<Instant> until) {}

    /**
     * Gives a key or an account another quota; returns the override's number.
     *
     * @throws OperatorException category INPUT where its time has passed
     */
    public long override(NewOverride override, Decision decision) {
        if (override.until()
                .filter(until -> !until.isAfter(decision.at()) || !until.isBefore(LATEST_END))
                .isPresent()) {
            throw OperatorException.input(
                    "an override's end is " + override.until().get() + ", expected a time ahead, before " + LATEST_END);
        }
        return jdbi.inTransaction(handle -> {
            long id = handle.createQuery(OVERRIDE)
                    .bind("key", override.key().orElse(null))
                    .bind("account", override.account().orElse(null))
                    .bind("window", override.window())
                    .bind("measure", override.measure())
                    .bind("action", override.action().orElse(null))
                    .bind("quota", override.quota())
                    .bind("until", override.until().map(LimitEvaluation::utc).orElse(null))
                    .bind("actor", decision.actor())
                    .bind("reason", decision.reason())
                    .bind("now", LimitEvaluation.utc(decision.at()))
                    .mapTo(Long.class)
                    .one();
            stampOverrides(handle, override.key(), override.account(), decision.at());
            return id;
        });
    }

    /**
     * Ends an override before its time.
     *
     * @throws OperatorException category INPUT where none of that number is in force
     */
    public void endOverride(long id, Decision decision) {
        jdbi.useTransaction(handle -> {
            record Subject(Optional<Long> key, Optional<Long> account) {}
            Subject subject = handle.createQuery(
                            "update limit_override set ended_at = :now, ended_by = :by, version = 0"
                                    + " where override_id = :id and ended_at is null returning key_id, account_id")
                    .bind("now", LimitEvaluation.utc(decision.at()))
                    .bind("by", decision.actor() + ": " + decision.reason())
                    .bind("id", id)
                    .map((row, context) -> new Subject(
                            Optional.ofNullable(row.getObject("key_id", Long.class)),
                            Optional.ofNullable(row.getObject("account_id", Long.class))))
                    .findOne()
                    .orElseThrow(() -> OperatorException.input("override is " + id
                            + ", expected the number of one in force; those there are: counterfoil override list"));
            stampOverrides(handle, subject.key(), subject.account(), decision.at());
        });
    }

    private static void stampOverrides(Handle handle, Optional<Long> key, Optional<Long> account, Instant now) {
        stamp(
                handle,
                "limit_override",
                LimitEvaluation.ofSubjects(
                        handle, key.stream().toList(), account.stream().toList()),
                now);
    }

    /** What changed is there with version 0, which no edge can see before the commit; then the version, then what follows. */
    private static void stamp(Handle handle, String table, Touched touched, Instant now) {
        long version = ControlVersion.next(handle);
        handle.createUpdate("update " + table + " set version = :version where version = 0")
                .bind("version", version)
                .execute();
        LimitEvaluation.again(handle, touched, version, now);
        ControlVersion.wakeEdges(handle, version);
    }
}
