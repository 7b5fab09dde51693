package io.counterfoil.edge.snapshot;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** What an edge knows of keys, limits and flags at one version. Immutable. */
public final class Snapshot {
    /** Before the first one is loaded. */
    static final Snapshot EMPTY = new Snapshot("", 0, KeyLayers.EMPTY, LimitBook.EMPTY, FlagTable.EMPTY);

    private final String database;
    private final long version;
    private final KeyLayers keys;
    private final LimitBook limits;
    private final FlagTable flags;

    private Snapshot(String database, long version, KeyLayers keys, LimitBook limits, FlagTable flags) {
        this.database = database;
        this.version = version;
        this.keys = keys;
        this.limits = limits;
        this.flags = flags;
    }

    /** The next one; nothing of this one changes. */
    Snapshot with(SnapshotChange change, Instant now) {
        KeyLayers nextKeys = change.whole() ? KeyLayers.of(change.keys()) : keys.with(change.keys(), now);
        LimitBook nextLimits = (change.whole() ? LimitBook.EMPTY : limits).with(change.limits());
        FlagTable nextFlags =
                (change.whole() ? FlagTable.EMPTY : flags).with(change.limits().flags(), now);
        return new Snapshot(change.database(), change.version(), nextKeys, nextLimits, nextFlags);
    }

    /** The identity of the database that it comes from; empty before the first one. */
    public String database() {
        return database;
    }

    public long version() {
        return version;
    }

    /** How many keys are enabled, whether or not their time has passed. */
    public int keyCount() {
        return keys.keyCount();
    }

    public int flagCount() {
        return flags.size();
    }

    /**
     * Finds the secret whose text has that SHA-256, given as four big-endian words.
     *
     * @return what the other methods take; -1 where no enabled key has it
     */
    public long find(long hash0, long hash1, long hash2, long hash3) {
        return keys.find(hash0, hash1, hash2, hash3);
    }

    /** Whether the secret's time, and its key's, has not passed; the clock is only read where it has an end. */
    public boolean holds(long found, InstantSource clock) {
        long end = keys.tableOf(found).end(KeyLayers.entryOf(found));
        return end == KeyTable.ENDLESS || clock.millis() < end;
    }

    public long keyId(long found) {
        return keys.tableOf(found).keyId(KeyLayers.entryOf(found));
    }

    public long accountId(long found) {
        return keys.tableOf(found).accountId(KeyLayers.entryOf(found));
    }

    public ScopeSet scopes(long found) {
        return grant(found).scopes();
    }

    private Grant grant(long found) {
        return keys.tableOf(found).grant(KeyLayers.entryOf(found));
    }

    /**
     * How the key stands towards its plan's limits. Where nothing is known of it but its plan, as nearly always, the clock is not read
     * and nothing is allocated.
     */
    public Standing standing(long found, InstantSource clock) {
        PlanLimits plan = limits.of(grant(found).planId());
        long keyId = keyId(found);
        long accountId = accountId(found);
        return limits.hasOverride(keyId, accountId) || isFlagged(plan, keyId, accountId)
                ? standing(plan, keyId, accountId, clock.instant())
                : plan.standing();
    }

    private boolean isFlagged(PlanLimits plan, long keyId, long accountId) {
        if (flags.size() == 0) {
            return false;
        }
        for (int i = 0; i < plan.limits().size(); i++) {
            Limit limit = plan.limits().get(i);
            if (flags.has(limit.limitId(), limit.subject(keyId, accountId))) {
                return true;
            }
        }
        return false;
    }

    private Standing standing(PlanLimits plan, long keyId, long accountId, Instant now) {
        List<Standing.Quota> quotas = new ArrayList<>();
        List<Standing.Used> used = new ArrayList<>();
        for (Limit limit : plan.limits()) {
            quotas.add(new Standing.Quota(limit, limits.quota(limit, keyId, accountId, now)));
            Flag flag = flags.find(limit.limitId(), limit.subject(keyId, accountId), now);
            if (flag != null) {
                used.add(new Standing.Used(limit, flag));
            }
        }
        // Most flags and overrides hold for a while only: behind it the key is one like all others.
        boolean usual = used.isEmpty()
                && quotas.stream().allMatch(each -> each.quota() == each.limit().quota());
        return usual ? plan.standing() : Standing.of(quotas, used);
    }

    KeyLayers keys() {
        return keys;
    }

    LimitBook limits() {
        return limits;
    }

    FlagTable flags() {
        return flags;
    }
}
