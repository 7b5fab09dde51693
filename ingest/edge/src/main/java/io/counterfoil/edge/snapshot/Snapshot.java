package io.counterfoil.edge.snapshot;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** What an edge knows of keys and flags at one version. Immutable. */
public final class Snapshot {
    /** Before the first one is loaded. */
    static final Snapshot EMPTY = new Snapshot("", 0, KeyLayers.EMPTY, FlagTable.EMPTY);

    private final String database;
    private final long version;
    private final KeyLayers keys;
    private final FlagTable flags;

    private Snapshot(String database, long version, KeyLayers keys, FlagTable flags) {
        this.database = database;
        this.version = version;
        this.keys = keys;
        this.flags = flags;
    }

    /** The next one; nothing of this one changes. */
    Snapshot with(SnapshotChange change, Instant now) {
        KeyLayers nextKeys = change.whole() ? KeyLayers.of(change.keys()) : keys.with(change.keys(), now);
        FlagTable nextFlags = (change.whole() ? FlagTable.EMPTY : flags).with(change.flags(), now);
        return new Snapshot(change.database(), change.version(), nextKeys, nextFlags);
    }

    /** The identity of the database that it comes from; empty before the first one. */
    String database() {
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
        return keys.tableOf(found).scopes(KeyLayers.entryOf(found));
    }

    /** Whether the key has any flag, in force or not; nearly always not, and then nobody needs to look at the clock. */
    public boolean isFlagged(long keyId) {
        return flags.has(keyId);
    }

    /** The sternest of the key's flags that hold at that time. */
    public Optional<Flag> flag(long keyId, Instant now) {
        return Optional.ofNullable(flags.sternest(keyId, now));
    }

    KeyLayers keys() {
        return keys;
    }

    FlagTable flags() {
        return flags;
    }
}
