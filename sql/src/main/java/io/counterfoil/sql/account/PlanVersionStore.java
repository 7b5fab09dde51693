package io.counterfoil.sql.account;

import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.SqlFile;
import io.counterfoil.sql.limits.LimitStore;
import io.counterfoil.sql.limits.UsageLimit;
import org.jdbi.v3.core.Handle;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/**
 * Versions of plans as a plans file gives them; {@code io.counterfoil.jobs.plans} knows what a definition says. Within a transaction of
 * the caller's: {@link #hold}, then what is to be changed, then {@link #finish}.
 */
public final class PlanVersionStore {
    private static final String ALL = SqlFile.read("account/plan-versions.sql");
    private static final String INSERT = SqlFile.read("account/insert-plan-version.sql");
    private static final String CHANGE = SqlFile.read("account/change-plan-version.sql");

    private final Handle handle;

    public PlanVersionStore(Handle handle) {
        this.handle = handle;
    }

    /**
     * A version that is there.
     *
     * @param definition all that it says, as JSON; empty where it was made without a plans file
     * @param used whether a subscription names it: then it never changes
     * @param keys how many are on it now
     */
    public record Stored(long id, String plan, int version, Optional<String> definition, boolean used, long keys) {}

    /** From here on nobody else changes plans, subscriptions or keys. */
    public void hold() {
        ControlVersion.hold(handle);
    }

    /** By name, then by number. */
    public List<Stored> all() {
        return handle.createQuery(ALL)
                .map((row, context) -> new Stored(
                        row.getLong("plan_id"),
                        row.getString("name"),
                        row.getInt("version"),
                        Optional.ofNullable(row.getString("definition")),
                        row.getBoolean("used"),
                        row.getLong("keys")))
                .list();
    }

    /** What a plan made without a plans file has. */
    public List<UsageLimit> limits(long plan) {
        return LimitStore.inForce(handle, plan);
    }

    public void insert(String definition, List<UsageLimit> limits, Instant now) {
        long plan = handle.createQuery(INSERT)
                .bind("definition", definition)
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .mapTo(Long.class)
                .one();
        LimitStore.insert(handle, plan, limits, 0);
    }

    /** Of a version that is not in use. */
    public void change(long plan, String definition, List<UsageLimit> limits, Instant now) {
        int changed = handle.createUpdate(CHANGE)
                .bind("plan", plan)
                .bind("definition", definition)
                .execute();
        if (changed != 1) {
            throw new IllegalArgumentException("plan " + plan + " is not the version of that definition");
        }
        LimitStore.set(handle, plan, limits, now);
    }

    /** Stamps what was changed, brings up to date what follows from limits, and wakes the edges. */
    public void finish(Instant now) {
        LimitStore.stampLimits(handle, now);
    }
}
