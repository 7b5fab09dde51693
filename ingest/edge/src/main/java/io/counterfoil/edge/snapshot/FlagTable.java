package io.counterfoil.edge.snapshot;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * Flags in order of limit, subject and window, with a table of where each limit's subject begins. Immutable; lookups allocate nothing,
 * and cost nothing worth naming where there is no flag.
 */
final class FlagTable {
    static final FlagTable EMPTY = new FlagTable(List.of());
    private static final Comparator<Flag> ORDER = Comparator.comparingLong(Flag::limitId)
            .thenComparingLong(Flag::subjectId)
            .thenComparing(Flag::windowStart);
    /** A passed flag is kept a while, so that an edge whose clock is set back does not forget it. */
    private static final Duration KEEP_PASSED = Duration.ofDays(1);

    private static final long MIX = 0x9E3779B97F4A7C15L;

    private final List<Flag> flags;
    /** Open addressing, at most half full: the index of the first flag of a limit and subject, plus 1; 0 where free. */
    private final int[] slots;

    private FlagTable(List<Flag> sorted) {
        flags = sorted;
        slots = new int[sorted.isEmpty() ? 0 : Integer.highestOneBit(sorted.size()) * 4];
        for (int i = 0; i < sorted.size(); i++) {
            Flag flag = sorted.get(i);
            if (i == 0 || !isOf(sorted.get(i - 1), flag.limitId(), flag.subjectId())) {
                int slot = slot(flag.limitId(), flag.subjectId());
                while (slots[slot] != 0) {
                    slot = slot + 1 & slots.length - 1;
                }
                slots[slot] = i + 1;
            }
        }
    }

    private int slot(long limitId, long subjectId) {
        long mixed = (limitId * 31 + subjectId) * MIX;
        return (int) (mixed >>> 32) & slots.length - 1;
    }

    private static boolean isOf(Flag flag, long limitId, long subjectId) {
        return flag.limitId() == limitId && flag.subjectId() == subjectId;
    }

    /** With these raised, brought up to date or lifted; without those that passed long before {@code now}. */
    FlagTable with(List<LimitChanges.Change<Flag>> changes, Instant now) {
        if (changes.isEmpty()) {
            return this;
        }
        List<LimitChanges.Change<Flag>> sorted = new ArrayList<>(changes);
        sorted.sort(Comparator.comparing(LimitChanges.Change::value, ORDER));
        Instant keepFrom = now.minus(KEEP_PASSED);
        List<Flag> next = new ArrayList<>(flags.size() + sorted.size());
        int old = 0;
        for (LimitChanges.Change<Flag> change : sorted) {
            while (old < flags.size() && ORDER.compare(flags.get(old), change.value()) < 0) {
                addIfKept(next, flags.get(old++), keepFrom);
            }
            if (old < flags.size() && ORDER.compare(flags.get(old), change.value()) == 0) {
                old++;
            }
            if (!change.ended()) {
                addIfKept(next, change.value(), keepFrom);
            }
        }
        while (old < flags.size()) {
            addIfKept(next, flags.get(old++), keepFrom);
        }
        return new FlagTable(List.copyOf(next));
    }

    private static void addIfKept(List<Flag> next, Flag flag, Instant keepFrom) {
        if (!flag.resetsAt().isBefore(keepFrom)) {
            next.add(flag);
        }
    }

    List<Flag> all() {
        return flags;
    }

    int size() {
        return flags.size();
    }

    /** The one of that limit, subject and window; null where there is none. */
    Flag same(Flag flag) {
        int at = Collections.binarySearch(flags, flag, ORDER);
        return at < 0 ? null : flags.get(at);
    }

    /** Whether there is a flag of that limit and subject, of whatever window. */
    boolean has(long limitId, long subjectId) {
        return first(limitId, subjectId) >= 0;
    }

    /** The flag of that limit and subject that holds at that time; null where none does. */
    Flag find(long limitId, long subjectId, Instant now) {
        int at = first(limitId, subjectId);
        while (at >= 0 && at < flags.size() && isOf(flags.get(at), limitId, subjectId)) {
            if (flags.get(at).holdsAt(now)) {
                return flags.get(at);
            }
            at++;
        }
        return null;
    }

    private int first(long limitId, long subjectId) {
        if (slots.length == 0) {
            return -1;
        }
        int slot = slot(limitId, subjectId);
        while (slots[slot] != 0) {
            int at = slots[slot] - 1;
            if (isOf(flags.get(at), limitId, subjectId)) {
                return at;
            }
            slot = slot + 1 & slots.length - 1;
        }
        return -1;
    }
}
