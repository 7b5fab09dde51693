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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a key may use. */
public final class PlanStore {
    private static final Pattern VERSIONED = Pattern.compile("(.*)@([1-9][0-9]{0,8})");

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
            // First: a plans file's new plan of that name is inserted under it, and would wait for this one.
            ControlVersion.hold(handle);
            long plan = handle.createQuery("insert into plan (name, created_at) select :name, :now"
                            + " where not exists (select from plan where name = :name)"
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

    /** A version of a plan, and its number. */
    public record Version(long id, String plan, int version) {
        /** For people: {@code starter v2}. */
        public String text() {
            return plan + " v" + version;
        }
    }

    /**
     * A version.
     *
     * @param name {@code NAME@VERSION}, or {@code NAME}: the latest one
     */
    public Optional<Version> version(String name) {
        Matcher versioned = VERSIONED.matcher(name);
        boolean one = versioned.matches();
        return jdbi.withHandle(handle -> handle.createQuery("select plan_id, name, version from plan where name = :name"
                        + " and (:version = 0 or version = :version) order by version desc limit 1")
                .bind("name", one ? versioned.group(1) : name)
                .bind("version", one ? Integer.parseInt(versioned.group(2)) : 0)
                .map((row, context) ->
                        new Version(row.getLong("plan_id"), row.getString("name"), row.getInt("version")))
                .findOne());
    }

    /** The number of a version, as {@link #version}. */
    public Optional<Long> find(String name) {
        return version(name).map(Version::id);
    }

    /**
     * As {@link #version}.
     *
     * @throws OperatorException category INPUT where there is no such plan or version
     */
    public Version requireVersion(String name) {
        return version(name)
                .orElseThrow(() -> OperatorException.input("plan '" + name + "' does not exist; "
                        + (VERSIONED.matcher(name).matches()
                                ? "those there are: counterfoil plan list"
                                : "take it from a plans file: counterfoil plan apply FILE; or one without prices: counterfoil plan"
                                        + " create " + name + " --limit 1000/hour")));
    }

    /** The number of a version, as {@link #requireVersion}. */
    public long require(String name) {
        return requireVersion(name).id();
    }
}
