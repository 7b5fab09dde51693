package io.counterfoil.jobs.rollup;

import io.counterfoil.accesslog.record.Outcome;

import java.util.Arrays;
import java.util.List;

/**
 * Requests of one hour, summed by key, route and outcome, without an object a group. Open addressing over small slots, so that they
 * stay in the processor's caches; the sums lie elsewhere, in the order in which groups were first met: those met often together.
 *
 * <pre>
 *   slot   word 0   route's number + 1 (28 bits), outcome (4), number of the group (32); 0 where the slot is free
 *          word 1   key
 *   group  requests, units, bytes in, bytes out, duration in microseconds
 * </pre>
 *
 * A group takes 72 to 144 bytes, half as much again while the table grows. Not thread-safe.
 */
@SuppressWarnings("EnumOrdinal") // Never kept.
final class HourSums {
    /** How many sums a group has. */
    static final int MEASURES = 5;

    static final List<Outcome> OUTCOMES = List.of(Outcome.values());

    private static final int OUTCOME_BITS = 4;
    private static final int NUMBER_BITS = 32;
    private static final int FIRST_SLOTS = 1 << 8;

    private final int hour;
    private long[] slots = new long[2 * FIRST_SLOTS];
    private long[] sums = new long[MEASURES * FIRST_SLOTS / 2];
    private int mask = FIRST_SLOTS - 1;
    private int groups;

    HourSums(int hour) {
        this.hour = hour;
    }

    /** What is told of a group; {@code sums} holds its measures from {@code at} on and is not to be kept. */
    @FunctionalInterface
    interface GroupVisitor<E extends Exception> {
        void visit(long keyId, int route, Outcome outcome, long[] sums, int at) throws E;
    }

    int hour() {
        return hour;
    }

    int groups() {
        return groups;
    }

    /**
     * Adds to a group's sums; what is negative takes back what was added before.
     *
     * @throws ArithmeticException where a sum leaves 63 bits: half a million requests of the largest size that counts
     */
    void add(long keyId, int route, Outcome outcome, long requests, long units, long in, long out, long micros) {
        int at = group((route + 1L) << OUTCOME_BITS | outcome.ordinal(), keyId) * MEASURES;
        sums[at] = Math.addExact(sums[at], requests);
        sums[at + 1] = Math.addExact(sums[at + 1], units);
        sums[at + 2] = Math.addExact(sums[at + 2], in);
        sums[at + 3] = Math.addExact(sums[at + 3], out);
        sums[at + 4] = Math.addExact(sums[at + 4], micros);
    }

    private int group(long name, long keyId) {
        int at = slot(name, keyId);
        if (slots[at] == 0) {
            if (groups == (mask + 1) / 2) {
                grow();
                at = slot(name, keyId);
            }
            slots[at] = name << NUMBER_BITS | groups++;
            slots[at + 1] = keyId;
        }
        return (int) slots[at];
    }

    /** Where the group's slot is, or is to be. */
    private int slot(long name, long keyId) {
        int slot = mix(keyId * 31 + name) & mask;
        while (true) {
            int at = 2 * slot;
            if (slots[at] == 0 || (slots[at] >>> NUMBER_BITS == name && slots[at + 1] == keyId)) {
                return at;
            }
            slot = slot + 1 & mask;
        }
    }

    /** Of the route's name, whose number differs from task to task: the same for a group wherever it is met. */
    static int hash(long keyId, int routeHash, Outcome outcome) {
        return mix(keyId * 31 + routeHash * 8L + outcome.ordinal());
    }

    private static int mix(long value) {
        long mixed = value * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ mixed >>> 29) * 0xBF58476D1CE4E5B9L;
        return (int) (mixed >>> 32);
    }

    private void grow() {
        int count = 2 * (mask + 1);
        if ((long) count * MEASURES > Integer.MAX_VALUE - 8) {
            throw new IllegalStateException("more than " + groups + " groups in one hour of one task");
        }
        long[] before = slots;
        slots = new long[2 * count];
        sums = Arrays.copyOf(sums, MEASURES * count / 2);
        mask = count - 1;
        for (int from = 0; from < before.length; from += 2) {
            if (before[from] != 0) {
                int to = slot(before[from] >>> NUMBER_BITS, before[from + 1]);
                slots[to] = before[from];
                slots[to + 1] = before[from + 1];
            }
        }
    }

    /** Each group that has requests, in no order. */
    <E extends Exception> void forEach(GroupVisitor<E> visitor) throws E {
        for (int at = 0; at < slots.length; at += 2) {
            int from = (int) slots[at] * MEASURES;
            if (slots[at] != 0 && sums[from] != 0) {
                int name = (int) (slots[at] >>> NUMBER_BITS);
                Outcome outcome = OUTCOMES.get(name & (1 << OUTCOME_BITS) - 1);
                visitor.visit(slots[at + 1], (name >>> OUTCOME_BITS) - 1, outcome, sums, from);
            }
        }
    }
}
