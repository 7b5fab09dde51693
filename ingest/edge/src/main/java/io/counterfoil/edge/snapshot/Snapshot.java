package io.counterfoil.edge.snapshot;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What an edge knows of keys and flags at one version. Immutable. */
public final class Snapshot {
    /** Before the first one is loaded. */
    static final Snapshot EMPTY = new Snapshot(0, List.of(), List.of());

    private final long version;
    private final KeyTable keys;
    private final FlagTable flags;

    Snapshot(long version, List<SnapshotKey> keys, List<Flag> flags) {
        this.version = version;
        this.keys = new KeyTable(keys);
        this.flags = new FlagTable(flags);
    }

    public long version() {
        return version;
    }

    /** How many keys are valid. */
    public int keyCount() {
        return keys.size();
    }

    /** The number of the key whose text has that SHA-256, given as four big-endian words; 0 where none has. */
    public long keyId(long hash0, long hash1, long hash2, long hash3) {
        return keys.find(hash0, hash1, hash2, hash3);
    }

    /** Whether the key has any flag, in force or not; nearly always not, and then nobody needs to look at the clock. */
    public boolean isFlagged(long keyId) {
        return flags.has(keyId);
    }

    /** The sternest of the key's flags that hold at that time. */
    public Optional<Flag> flag(long keyId, Instant now) {
        return Optional.ofNullable(flags.sternest(keyId, now));
    }

    KeyTable keys() {
        return keys;
    }

    List<Flag> flags() {
        return flags.all();
    }
}
