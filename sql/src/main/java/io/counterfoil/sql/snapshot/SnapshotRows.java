package io.counterfoil.sql.snapshot;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Rows that edges load, as the database holds them: whoever takes them checks them. */
public final class SnapshotRows {
    private SnapshotRows() {}

    /**
     * What the rows to come are.
     *
     * @param database which one, by its identity
     * @param version up to and including which they hold every change
     * @param keyRows how many rows of keys come: of changes as counted, of everything as the planner last estimated the number of
     *     keys (0 where it never did). To make room by, no bound
     */
    public record Head(String database, long version, long keyRows) {}

    /**
     * One secret of a key, in its present state. The rows of a key come one after the other, keys in rising order of their numbers.
     *
     * @param planId 0 where the key has no plan
     * @param sha256 of the key's text, 32 bytes; never changed after construction
     * @param active false: it is to be dropped
     * @param expiresAt it is void from here on, whether or not anyone says so
     * @param scopes names separated by single blanks; empty where it has none
     */
    @SuppressWarnings("ArrayRecordComponent") // Compared by nobody; an edge copies it into its table.
    public record KeyRow(
            long keyId,
            long accountId,
            long planId,
            String label,
            byte[] sha256,
            boolean active,
            Optional<Instant> expiresAt,
            String scopes) {}

    /**
     * A limit of a plan.
     *
     * @param scope key or account: whose use counts
     * @param window hour, day or period
     * @param measure requests, units or bytes_out
     * @param action notify, warn or refuse
     * @param ended it is to be dropped
     */
    public record LimitRow(
            long limitId,
            long planId,
            String scope,
            String window,
            String measure,
            long quota,
            String action,
            boolean ended) {}

    /**
     * Another quota for a key or an account, in place of that of limits of this window, measure and action.
     *
     * @param keyId 0 where it is an account's
     * @param accountId 0 where it is a key's
     * @param action empty: any
     * @param until it is void from here on, whether or not anyone says so
     * @param ended it is to be dropped
     */
    public record OverrideRow(
            long overrideId,
            long keyId,
            long accountId,
            String window,
            String measure,
            String action,
            long quota,
            Optional<Instant> until,
            boolean ended) {}

    /**
     * How much a key or an account has used of a limit, where that is at least half.
     *
     * @param subjectId the key or the account, by the limit's scope
     * @param quota that holds for it, an override's where it has one
     * @param over all of the quota is used: the limit's action holds
     * @param asOf the usage is known up to here
     * @param resetsAt the flag is void from here on
     * @param lifted the flag is void at once
     */
    public record FlagRow(
            long limitId,
            long subjectId,
            long quota,
            long used,
            boolean over,
            Instant windowStart,
            Instant asOf,
            Instant resetsAt,
            boolean lifted) {}

    /**
     * Takes rows one at a time: the head, limits, overrides, keys, flags.
     *
     * @param <X> what it throws where it will have no more of them
     */
    public interface Sink<X extends Exception> {
        /** False where it needs no rows. */
        boolean head(Head head) throws X;

        void limit(LimitRow row) throws X;

        void override(OverrideRow row) throws X;

        void key(KeyRow row) throws X;

        void flag(FlagRow row) throws X;
    }

    /** A sink that keeps them all, where they are known to be few. */
    public static final class Collected implements Sink<RuntimeException> {
        private final List<LimitRow> limits = new ArrayList<>();
        private final List<OverrideRow> overrides = new ArrayList<>();
        private final List<KeyRow> keys = new ArrayList<>();
        private final List<FlagRow> flags = new ArrayList<>();
        private long version;

        @Override
        public boolean head(Head head) {
            version = head.version();
            return true;
        }

        @Override
        public void limit(LimitRow row) {
            limits.add(row);
        }

        @Override
        public void override(OverrideRow row) {
            overrides.add(row);
        }

        @Override
        public void key(KeyRow row) {
            keys.add(row);
        }

        @Override
        public void flag(FlagRow row) {
            flags.add(row);
        }

        public long version() {
            return version;
        }

        public List<LimitRow> limits() {
            return List.copyOf(limits);
        }

        public List<OverrideRow> overrides() {
            return List.copyOf(overrides);
        }

        public List<KeyRow> keys() {
            return List.copyOf(keys);
        }

        public List<FlagRow> flags() {
            return List.copyOf(flags);
        }
    }
}
