package io.counterfoil.edge.snapshot;

import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Flags by key, sorted. Immutable; lookups allocate nothing, and cost nothing worth naming where no key has a flag. */
final class FlagTable {
    private final Flag[] flags;
    private final long[] keyIds;

    FlagTable(List<Flag> flags) {
        this.flags = flags.toArray(Flag[]::new);
        Arrays.sort(
                this.flags,
                Comparator.comparingLong(Flag::keyId)
                        .thenComparingLong(Flag::limitId)
                        .thenComparing(Flag::windowStart));
        this.keyIds = Arrays.stream(this.flags).mapToLong(Flag::keyId).toArray();
    }

    List<Flag> all() {
        return List.of(flags);
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
