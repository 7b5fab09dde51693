package io.counterfoil.sql.limits;

import io.counterfoil.sql.SqlFile;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Keeps what is used of each limit, and the flags and notices that follow. All of it under control_version: plans, limits and
 * overrides stand still, and two of these see each other's result. What is touched, and nothing else, is looked at.
 */
public final class LimitEvaluation {
    private static final String EVALUATE = SqlFile.read("limits/evaluate.sql");
    private static final String BATCH = SqlFile.read("limits/count-batch.sql") + EVALUATE;
    private static final String AGAIN = SqlFile.read("limits/recount.sql") + EVALUATE;
    private static final String END_OVERRIDES = SqlFile.read("limits/end-overrides.sql");

    private static final String FORGET = SqlFile.read("limits/forget-passed.sql");
    /** From so many rows on, reading all keys once takes less time than looking up those that are counted. */
    private static final int LARGE_ROWS = 10_000;

    private static final int FORGOTTEN_AT_ONCE = 10_000;

    private LimitEvaluation() {}

    /** Whose limits are to be looked at again. */
    public record Touched(List<Long> limits, List<Long> keys, List<Long> accounts) {
        static Touched limits(List<Long> limits) {
            return new Touched(limits, List.of(), List.of());
        }

        /** A key, for itself and as one of its account. */
        public static Touched key(long key, long account) {
            return new Touched(List.of(), List.of(key), List.of(account));
        }
    }

    /**
     * Adds what a batch counts.
     *
     * @param version stamps the flags; it is to be the next one
     * @param asOf up to when the usage is known
     * @return how many flags changed; an edge has something to learn where any did, or where an override ended
     */
    public static long batch(Handle handle, long batch, long version, Instant now, Instant asOf) {
        boolean large =
                handle.createQuery("select coalesce(sum(usage_rows), 0) from batch_attempt where batch_id = :batch")
                                .bind("batch", batch)
                                .mapTo(Long.class)
                                .one()
                        >= LARGE_ROWS;
        if (large) {
            // What was staged just now has no statistics: the planner takes it for one row, and looks each key up by
            // itself.
            // The loops that must be are counted as very dear by that, which to an older server seems worth compiling
            // for.
            handle.execute("set local enable_nestloop = off; set local jit = off");
        }
        long changed = evaluate(handle.createQuery(BATCH).bind("batch", batch).bind("as_of", utc(asOf)), version, now);
        if (large) {
            handle.execute("set local enable_nestloop to default; set local jit to default");
        }
        // Afterwards: it sums anew from usage that has the batch in it.
        return changed + endOverrides(handle, version, now, asOf);
    }

    /** Sums anew what counts for these, after their plan, limits or overrides changed. Otherwise as {@link #batch}. */
    public static long again(Handle handle, Touched touched, long version, Instant now) {
        return again(handle, touched, version, now, lastBatch(handle, now));
    }

    private static long again(Handle handle, Touched touched, long version, Instant now, Instant asOf) {
        Query query = handle.createQuery(AGAIN)
                .bindArray("limits", Long.class, touched.limits())
                .bindArray("keys", Long.class, touched.keys())
                .bindArray("accounts", Long.class, touched.accounts());
        return evaluate(query.bind("as_of", utc(asOf)), version, now);
    }

    /**
     * Forgets a part of what ended days ago; notices stay.
     *
     * @return how many rows
     */
    public static long forgetPassed(Handle handle, Instant now) {
        return handle.createQuery(FORGET)
                .bind("now", utc(now))
                .bind("at_most", FORGOTTEN_AT_ONCE)
                .mapTo(Long.class)
                .one();
    }

    private static long evaluate(Query query, long version, Instant now) {
        return query.bind("version", version)
                .bind("now", utc(now))
                .mapTo(Long.class)
                .one();
    }

    private static long endOverrides(Handle handle, long version, Instant now, Instant asOf) {
        List<Long> keys = new ArrayList<>();
        List<Long> accounts = new ArrayList<>();
        handle.createQuery(END_OVERRIDES)
                .bind("version", version)
                .bind("now", utc(now))
                .map((row, context) -> {
                    long key = row.getLong("key_id");
                    (row.wasNull() ? accounts : keys).add(row.wasNull() ? row.getLong("account_id") : key);
                    return key;
                })
                .list();
        if (keys.isEmpty() && accounts.isEmpty()) {
            return 0;
        }
        again(handle, ofSubjects(handle, keys, accounts), version, now, asOf);
        return (long) keys.size() + accounts.size();
    }

    /** Keys for themselves, accounts with all of their keys. */
    static Touched ofSubjects(Handle handle, Collection<Long> keys, Collection<Long> accounts) {
        List<Long> all = new ArrayList<>(keys);
        all.addAll(handle.createQuery("select key_id from api_key where account_id = any (:accounts)")
                .bindArray("accounts", Long.class, accounts)
                .mapTo(Long.class)
                .list());
        return new Touched(List.of(), all, List.copyOf(accounts));
    }

    /** Up to when usage is known, nearly: no batch says more. */
    private static Instant lastBatch(Handle handle, Instant now) {
        return handle.createQuery(
                        "select committed_at from batch where committed_at is not null order by batch_id desc limit 1")
                .mapTo(OffsetDateTime.class)
                .findOne()
                .map(OffsetDateTime::toInstant)
                .filter(last -> last.isBefore(now))
                .orElse(now);
    }

    static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
