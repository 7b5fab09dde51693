package io.counterfoil.sql.account;

import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.SqlFile;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.limits.LimitEvaluation;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlStatement;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Which version of a plan is in force for whom, by the hour. Each change is one transaction under control_version: what a final invoice
 * has billed stays as it is, and limits follow at once where the hour has come, else with the first {@link #takeEffect} after it.
 */
public final class SubscriptionStore {
    private static final String STANDING = SqlFile.read("account/standing-subscriptions.sql");
    private static final String BILLED = SqlFile.read("account/billed-until.sql");
    private static final String REPLACE = SqlFile.read("account/replace-subscriptions.sql");
    private static final String INSERT = SqlFile.read("account/insert-subscriptions.sql");
    private static final String FOLLOW = SqlFile.read("account/follow-subscriptions.sql");

    private static final long HOUR_SECONDS = 3600;
    private static final Instant EARLIEST = Instant.parse("1990-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("3000-01-01T00:00:00Z");

    private final Jdbi jdbi;

    public SubscriptionStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** An account, or a key of it with a plan of its own. */
    public record Subject(long account, Optional<Long> key) {}

    /**
     * From an hour on, another version of a plan.
     *
     * @param since a whole hour; may be past, as long as it is not billed, or ahead
     * @param plan the version's number; empty: none from then on, for a key its account's again
     * @param where for messages: which line of which file, or the command
     */
    public record Change(Subject subject, Instant since, Optional<Long> plan, Decision decision, String where) {
        /** @throws OperatorException category INPUT where since is no whole hour between 1990 and 3000 */
        public Change {
            if (since.getEpochSecond() % HOUR_SECONDS != 0
                    || since.getNano() != 0
                    || since.isBefore(EARLIEST)
                    || !since.isBefore(LATEST)) {
                throw OperatorException.input("since is " + since + " (" + where
                        + "), expected a whole hour of UTC between 1990 and 3000, as 2026-11-01T05:00:00Z");
            }
        }
    }

    /**
     * Makes one change.
     *
     * @return false where that version is in force then already, by the same account's or key's own subscription
     * @throws OperatorException category INPUT where it touches hours that a final invoice has billed
     */
    public boolean subscribe(Change change) {
        return jdbi.inTransaction(handle -> {
            ControlVersion.hold(handle);
            return subscribe(handle, change);
        });
    }

    /** As {@link #subscribe(Change)}; whoever calls holds control_version. */
    static boolean subscribe(Handle handle, Change change) {
        Optional<Optional<Long>> own = handle.createQuery("select coalesce(plan_id, 0) from subscription"
                        + " where account_id = :account and coalesce(key_id, 0) = :key and replaced_at is null and since <= :since"
                        + " order by since desc limit 1")
                .bind("account", change.subject().account())
                .bind("key", change.subject().key().orElse(0L))
                .bind("since", utc(change.since()))
                .mapTo(Long.class)
                .map(plan -> Optional.of(plan).filter(number -> number != 0))
                .findOne();
        if (own.orElse(Optional.empty()).equals(change.plan())) {
            return false;
        }
        apply(handle, List.of(change), change.decision().at());
        return true;
    }

    /**
     * Makes changes, all or none; one that stands already stays as it is.
     *
     * @return how many were new
     * @throws OperatorException category INPUT where one that does not stand touches hours that a final invoice has billed
     */
    public int subscribe(List<Change> changes, Instant now) {
        return jdbi.inTransaction(handle -> {
            ControlVersion.hold(handle);
            return apply(handle, changes, now);
        });
    }

    private static int apply(Handle handle, List<Change> given, Instant now) {
        Set<Integer> standing = new HashSet<>(bind(handle.createQuery(STANDING), given)
                .map((row, context) -> row.getInt("row_no") - 1)
                .list());
        List<Change> changes = IntStream.range(0, given.size())
                .filter(i -> !standing.contains(i))
                .mapToObj(given::get)
                .toList();
        requireUnbilled(handle, changes);
        bind(handle.createUpdate(REPLACE), changes).bind("now", utc(now)).execute();
        int inserted = bind(handle.createUpdate(INSERT), changes)
                .bindArray(
                        "actors",
                        String.class,
                        each(changes, change -> change.decision().actor()))
                .bindArray(
                        "reasons",
                        String.class,
                        each(changes, change -> change.decision().reason()))
                .bind("now", utc(now))
                .execute();
        follow(handle, now);
        return inserted;
    }

    private static void requireUnbilled(Handle handle, List<Change> changes) {
        record Billed(String account, long number, Instant until) {}
        Map<Long, Billed> billed = new HashMap<>();
        handle.createQuery(BILLED)
                .bindArray(
                        "accounts",
                        Long.class,
                        each(changes, change -> change.subject().account()))
                .map((row, context) -> Map.entry(
                        row.getLong("account_id"),
                        new Billed(
                                row.getString("name"),
                                row.getLong("number"),
                                row.getObject("period_to", OffsetDateTime.class).toInstant())))
                .forEach(entry -> billed.put(entry.getKey(), entry.getValue()));
        for (Change change : changes) {
            Billed last = billed.get(change.subject().account());
            if (last != null && change.since().isBefore(last.until())) {
                throw OperatorException.input("since is " + change.since() + " (" + change.where() + "), expected "
                        + last.until() + " or later: hours of account '" + last.account()
                        + "' before that are on final invoice " + last.number()
                        + ", which never changes; what it bills too much is taken back by: counterfoil invoice credit "
                        + last.number() + " --reason WHY");
            }
        }
    }

    /**
     * Puts subscriptions whose hour has come in effect, so that limits follow. Asks no more than an index where none has.
     *
     * @return how many keys are on another version now
     */
    public int takeEffect(Instant now) {
        boolean due = jdbi.withHandle(handle -> handle.createQuery("select exists (select from subscription"
                        + " where not in_effect and replaced_at is null and since <= :now)")
                .bind("now", utc(now))
                .mapTo(Boolean.class)
                .one());
        return due
                ? jdbi.inTransaction(handle -> {
                    ControlVersion.hold(handle);
                    return follow(handle, now);
                })
                : 0;
    }

    /** Whoever calls holds control_version. */
    private static int follow(Handle handle, Instant now) {
        record Moved(long key, long account) {}
        List<Moved> moved = handle.createQuery(FOLLOW)
                .bind("now", utc(now))
                .map((row, context) -> new Moved(row.getLong("key_id"), row.getLong("account_id")))
                .list();
        if (!moved.isEmpty()) {
            // What they were stamped with.
            long version = ControlVersion.next(handle);
            ControlVersion.wakeEdges(handle, version);
            LimitEvaluation.Touched touched = new LimitEvaluation.Touched(
                    List.of(),
                    moved.stream().map(Moved::key).toList(),
                    moved.stream().map(Moved::account).distinct().toList());
            LimitEvaluation.again(handle, touched, version, now);
        }
        return moved.size();
    }

    private static <S extends SqlStatement<S>> S bind(S statement, List<Change> changes) {
        return statement
                .bindArray(
                        "accounts",
                        Long.class,
                        each(changes, change -> change.subject().account()))
                .bindArray(
                        "keys",
                        Long.class,
                        each(changes, change -> change.subject().key().orElse(0L)))
                .bindArray(
                        "hours",
                        Long.class,
                        each(changes, change -> change.since().getEpochSecond() / HOUR_SECONDS))
                .bindArray(
                        "plans",
                        Long.class,
                        each(changes, change -> change.plan().orElse(0L)));
    }

    private static <T> List<T> each(List<Change> changes, Function<Change, T> field) {
        return changes.stream().map(field).toList();
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
