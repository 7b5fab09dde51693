package io.counterfoil.edge.snapshot;

import io.counterfoil.sql.snapshot.SnapshotRows.FlagRow;
import io.counterfoil.sql.snapshot.SnapshotRows.Head;
import io.counterfoil.sql.snapshot.SnapshotRows.KeyRow;
import io.counterfoil.sql.snapshot.SnapshotRows.LimitRow;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Rows and snapshots to test with. */
final class SnapshotExamples {
    static final Instant NOW = Instant.parse("2026-11-23T14:30:00Z");
    static final Instant HOUR = Instant.parse("2026-11-23T14:00:00Z");
    static final String DATABASE = "00000000-0000-4000-8000-000000000001";

    private static final long PLAN = 1;

    private SnapshotExamples() {}

    static KeyRow key(long id, int hash) {
        return key(id, hash, true, Optional.empty(), "");
    }

    static KeyRow disabled(long id, int hash) {
        return key(id, hash, false, Optional.empty(), "");
    }

    static KeyRow key(long id, int hash, boolean active, Optional<Instant> end, String scopes) {
        return new KeyRow(id, 1, PLAN, "key-" + id, hash(hash), active, end, scopes);
    }

    static byte[] hash(int hash) {
        return ByteBuffer.allocate(32).putInt(28, hash).array();
    }

    /** A limit of 100 an hour of each key on the plan that all keys here are on: number 1 refuses, 2 warns, 3 notifies. */
    static LimitRow limit(String action) {
        return new LimitRow(limitId(action), PLAN, "key", "hour", "requests", 100, action, false);
    }

    private static long limitId(String action) {
        return 1L + List.of("refuse", "warn", "notify").indexOf(action);
    }

    static FlagRow flag(long keyId, String action) {
        return flag(keyId, action, HOUR, HOUR.plusSeconds(3600), false);
    }

    static FlagRow flag(long keyId, String action, Instant start, Instant resets, boolean lifted) {
        return new FlagRow(limitId(action), keyId, 100, 104, true, start, NOW, resets, lifted);
    }

    /** What an edge makes of rows that come in place of everything, or of a change. */
    static Snapshot next(Snapshot old, long version, boolean whole, List<KeyRow> keys, FlagRow... flags)
            throws SnapshotRefusedException {
        return old.with(change(old, version, whole, keys, flags), NOW);
    }

    static SnapshotChange change(Snapshot old, long version, boolean whole, List<KeyRow> keys, FlagRow... flags)
            throws SnapshotRefusedException {
        SnapshotIntake intake = new SnapshotIntake(old, whole, false, -1);
        if (!intake.head(new Head(DATABASE, version, keys.size()))) {
            throw new IllegalArgumentException("rows of version " + version + " are not wanted");
        }
        if (whole) {
            for (String action : List.of("refuse", "warn", "notify")) {
                intake.limit(limit(action));
            }
        }
        for (KeyRow key : keys) {
            intake.key(key);
        }
        for (FlagRow flag : flags) {
            intake.flag(flag);
        }
        SnapshotChange change = intake.change();
        Plausibility.check(old, change);
        return change;
    }

    static Snapshot whole(long version, List<KeyRow> keys, FlagRow... flags) throws SnapshotRefusedException {
        return next(Snapshot.EMPTY, version, true, keys, flags);
    }

    /** The flag over which the key of that hash is held at that time. */
    static Optional<Standing.Used> over(Snapshot snapshot, int hash, Instant now) {
        return standing(snapshot, hash, now).over();
    }

    static Standing standing(Snapshot snapshot, int hash, Instant now) {
        return snapshot.standing(snapshot.find(0, 0, 0, hash), InstantSource.fixed(now));
    }

    /** The number of the key with that hash; 0 where none has it. */
    static long find(Snapshot snapshot, int hash) {
        long found = snapshot.find(0, 0, 0, hash);
        return found < 0 ? 0 : snapshot.keyId(found);
    }
}
