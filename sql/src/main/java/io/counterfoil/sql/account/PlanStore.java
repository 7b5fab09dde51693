package io.counterfoil.sql.account;

import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.limits.LimitStore;
import io.counterfoil.sql.limits.UsageLimit;
import org.jdbi.v3.core.Jdbi;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** What a key may use. */
public final class PlanStore {
    private final Jdbi jdbi;

    public PlanStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Creates a plan with its limits; returns its number.
     *
     * @throws OperatorException category INPUT where the name is taken or is none
     */
    public long create(String name, List<UsageLimit> limits, Instant now) {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
            throw OperatorException.input(
                    "plan name is '" + name + "', expected 1 to 64 letters, digits, dots, dashes or underscores");
        }
        return jdbi.inTransaction(handle -> {
            long plan = handle.createQuery("insert into plan (name, created_at) values (:name, :now)"
                            + " on conflict do nothing returning plan_id")
                    .bind("name", name)
                    .bind("now", now.atOffset(ZoneOffset.UTC))
                    .mapTo(Long.class)
                    .findOne()
                    .orElseThrow(
                            () -> OperatorException.input("plan '" + name + "' cannot be created: the name is taken"));
            // A new plan has no keys yet: nothing to evaluate, but edges learn the limit with its version.
            long version = ControlVersion.next(handle);
            LimitStore.insert(handle, plan, limits, version);
            ControlVersion.wakeEdges(handle, version);
            return plan;
        });
    }

    /** The number of the plan's latest version. */
    public Optional<Long> find(String name) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select plan_id from plan where name = :name order by version desc limit 1")
                .bind("name", name)
                .mapTo(Long.class)
                .findOne());
    }

    /** @throws OperatorException category INPUT where there is no plan of that name */
    public long require(String name) {
        return find(name)
                .orElseThrow(() -> OperatorException.input("plan '" + name
                        + "' does not exist; create it: counterfoil plan create " + name + " --limit 1000/hour"));
    }
}
