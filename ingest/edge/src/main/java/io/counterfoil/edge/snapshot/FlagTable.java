package io.counterfoil.edge.snapshot;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/** Flags by key, sorted. Immutable; lookups allocate nothing, and cost nothing worth naming where no key has a flag. */
final class FlagTable {
    static final FlagTable EMPTY = new FlagTable(List.of());
    private static final Comparator<Flag> BY_KEY = Comparator.comparingLong(Flag::keyId)
            .thenComparingLong(Flag::limitId)
            .thenComparing(Flag::windowStart);
    /** A passed flag is kept a while, so that an edge whose clock is set back does not forget it. */
    private static final Duration KEEP_PASSED = Duration.ofDays(1);

    private final Flag[] flags;
    private final long[] keyIds;

    private FlagTable(List<Flag> sorted) {
        this.flags = sorted.toArray(Flag[]::new);
        this.keyIds = Arrays.stream(this.flags).mapToLong(Flag::keyId).toArray();
    }

    /** With these raised, brought up to date or lifted; without those that passed long before {@code now}. */
    FlagTable with(List<FlagChange> changes, Instant now) {
        if (changes.isEmpty()) {
            return this;
        }
        TreeMap<Flag, Flag> next = new TreeMap<>(BY_KEY);
        for (Flag flag : flags) {
            next.put(flag, flag);
        }
        for (FlagChange change : changes) {
            // The key of an entry that is there would stay the old flag.
            next.remove(change.flag());
            if (!change.lifted()) {
                next.put(change.flag(), change.flag());
            }
        }
        Instant keepFrom = now.minus(KEEP_PASSED);
        return new FlagTable(next.values().stream()
                .filter(flag -> !flag.resetsAt().isBefore(keepFrom))
                .toList());
    }

    List<Flag> all() {
        return List.of(flags);
    }

    int size() {
        return flags.length;
    }

    /** Whether there is one of that limit, key and window. */
    boolean contains(Flag flag) {
        return Arrays.binarySearch(flags, flag, BY_KEY) >= 0;
    }

    boolean has(long keyId) {
        return keyIds.length > 0 && Arrays.binarySearch(keyIds, keyId) >= 0;
    }

    /** Of the key's flags that hold at that time the sternest; of equally stern ones the last to reset. Null where none does. */
    Flag sternest(long keyId, Instant now) {
        Flag sternest = null;
        for (int i = first(keyId); i < keyIds.length && keyIds[i] == keyId; i++) {
            if (flags[i].holdsAt(now) && (sternest == null || isSterner(flags[i], sternest))) {
                sternest = flags[i];
            }
        }
        return sternest;
    }

    private static boolean isSterner(Flag flag, Flag other) {
        int byAction = flag.action().compareTo(other.action());
        return byAction > 0 || (byAction == 0 && flag.resetsAt().isAfter(other.resetsAt()));
    }

    private int first(long keyId) {
        int at = Arrays.binarySearch(keyIds, keyId);
        if (at < 0) {
            return keyIds.length;
        }
        while (at > 0 && keyIds[at - 1] == keyId) {
            at--;
        }
        return at;
    }
}
