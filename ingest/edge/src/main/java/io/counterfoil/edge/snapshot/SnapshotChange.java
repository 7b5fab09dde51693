package io.counterfoil.edge.snapshot;

import io.counterfoil.sql.snapshot.SnapshotRows;
import io.counterfoil.sql.snapshot.SnapshotRows.FlagRow;
import io.counterfoil.sql.snapshot.SnapshotRows.KeyRow;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Makes the next snapshot of the one in use and the rows that changed since, and refuses rows that cannot be right. */
final class SnapshotChange {
    private static final int MAX_KEYS = 20_000_000;
    private static final Pattern LABEL = Pattern.compile("[ -~]{1,128}");
    private static final Pattern LIMIT = Pattern.compile("\\d{1,18}/[a-z]{1,16}");
    private static final Duration LONGEST_WINDOW = Duration.ofDays(32);
    /** A passed flag is kept a while, so that an edge whose clock is set back does not forget it. */
    private static final Duration KEEP_PASSED = Duration.ofDays(1);

    private SnapshotChange() {}

    /**
     * @param rows all of them, where {@code full}; else those changed after the version of {@code old}
     * @param now flags that passed long before are left out
     * @throws SnapshotRefusedException naming what is wrong; {@code old} is to stay in use
     */
    static Snapshot apply(Snapshot old, SnapshotRows rows, boolean full, Instant now) throws SnapshotRefusedException {
        if (rows.version() < old.version()) {
            throw new SnapshotRefusedException("its version is older than " + old.version() + ", the one in use");
        }
        Map<Long, SnapshotKey> keys = keys(full ? Snapshot.EMPTY : old, rows.keys());
        if (full && keys.isEmpty() && old.keyCount() > 0) {
            throw new SnapshotRefusedException("it has no keys, the one in use has " + old.keyCount());
        }
        if (keys.size() > MAX_KEYS) {
            throw new SnapshotRefusedException("it has " + keys.size() + " keys, more than " + MAX_KEYS);
        }
        Set<KeyHash> hashes = new HashSet<>(keys.size() * 2);
        for (SnapshotKey key : keys.values()) {
            if (!hashes.add(key.hash())) {
                throw new SnapshotRefusedException(
                        "key " + key.keyId() + " (" + key.label() + ") has the hash of another key");
            }
        }
        List<Flag> flags = flags(full ? List.of() : old.flags(), rows.flags(), now);
        return new Snapshot(rows.version(), List.copyOf(keys.values()), flags);
    }

    private static Map<Long, SnapshotKey> keys(Snapshot old, List<KeyRow> rows) throws SnapshotRefusedException {
        Map<Long, SnapshotKey> keys = new LinkedHashMap<>();
        for (int entry = 0; entry < old.keyCount(); entry++) {
            SnapshotKey key = old.keys().key(entry);
            keys.put(key.keyId(), key);
        }
        Set<Long> seen = new HashSet<>();
        for (KeyRow row : rows) {
            check(row, seen);
            if (row.active()) {
                keys.put(
                        row.keyId(),
                        new SnapshotKey(row.keyId(), row.accountId(), row.label(), KeyHash.of(row.sha256())));
            } else {
                keys.remove(row.keyId());
            }
        }
        return keys;
    }

    private static void check(KeyRow row, Set<Long> seen) throws SnapshotRefusedException {
        String key = "key " + row.keyId();
        if (row.keyId() < 1 || !seen.add(row.keyId())) {
            throw new SnapshotRefusedException(key + " is in it twice, or its number is below 1");
        }
        if (row.sha256() == null || row.sha256().length != KeyHash.BYTES) {
            int bytes = row.sha256() == null ? 0 : row.sha256().length;
            throw new SnapshotRefusedException(key + " has a hash of " + bytes + " bytes, expected " + KeyHash.BYTES);
        }
        if (row.label() == null || !LABEL.matcher(row.label()).matches()) {
            throw new SnapshotRefusedException(key + " has no label of 1 to 128 printable characters");
        }
    }

    private record FlagId(long limitId, long keyId, Instant windowStart) {}

    private static List<Flag> flags(List<Flag> old, List<FlagRow> rows, Instant now) throws SnapshotRefusedException {
        Map<FlagId, Flag> flags = new HashMap<>();
        for (Flag flag : old) {
            flags.put(new FlagId(flag.limitId(), flag.keyId(), flag.windowStart()), flag);
        }
        for (FlagRow row : rows) {
            FlagId id = new FlagId(row.limitId(), row.keyId(), row.windowStart());
            Flag flag = check(row);
            if (row.lifted()) {
                flags.remove(id);
            } else {
                flags.put(id, flag);
            }
        }
        List<Flag> kept = new ArrayList<>(flags.values());
        kept.removeIf(flag -> flag.resetsAt().plus(KEEP_PASSED).isBefore(now));
        return kept;
    }

    private static Flag check(FlagRow row) throws SnapshotRefusedException {
        String what = "flag of key " + row.keyId() + " for limit " + row.limitId();
        Optional<FlagAction> action = FlagAction.parse(row.action());
        if (action.isEmpty() || !LIMIT.matcher(row.limitText()).matches()) {
            throw new SnapshotRefusedException(
                    what + " reads '" + row.limitText() + "', '" + row.action() + "', expected as in 100/hour, refuse");
        }
        Duration window = Duration.between(row.windowStart(), row.resetsAt());
        if (window.isNegative() || window.isZero() || window.compareTo(LONGEST_WINDOW) > 0) {
            throw new SnapshotRefusedException(
                    what + " holds from " + row.windowStart() + " to " + row.resetsAt() + ", expected up to 32 days");
        }
        if (row.quota() < 0 || row.used() < 0) {
            throw new SnapshotRefusedException(what + " has a quota or use below 0");
        }
        return new Flag(
                row.limitId(),
                row.keyId(),
                row.limitText(),
                action.get(),
                row.quota(),
                row.used(),
                row.windowStart(),
                row.asOf(),
                row.resetsAt());
    }
}
