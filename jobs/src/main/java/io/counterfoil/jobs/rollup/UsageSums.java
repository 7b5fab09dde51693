package io.counterfoil.jobs.rollup;

import io.counterfoil.accesslog.record.Outcome;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Requests summed by hour, key, route and outcome: one flat array, open addressing, no object a group. A slot is
 *
 * <pre>
 *   word 0   hours since 1970 (32 bits), route's number here (28), outcome (4); 0 where the slot is free
 *   word 1   key
 *   word 2…6 requests, units, bytes in, bytes out, duration in microseconds
 * </pre>
 *
 * A group takes 112 to 224 bytes, half as much again while the table grows. Not thread-safe.
 */
@SuppressWarnings("EnumOrdinal") // Never kept: both ends of an exchange run the same jar.
final class UsageSums {
    /** How many sums a group has. */
    static final int MEASURES = 5;

    private static final int WORDS = 2 + MEASURES;
    private static final int OUTCOME_BITS = 4;
    private static final int FIRST_SLOTS = 1 << 12;
    private static final Outcome[] OUTCOMES = Outcome.values();

    private final RouteNames routes = new RouteNames();
    private long[] slots = new long[FIRST_SLOTS * WORDS];
    private int mask = FIRST_SLOTS - 1;
    private int groups;

    /** What is told of a group; {@code sums} holds its measures from {@code at} on and is not to be kept. */
    @FunctionalInterface
    interface GroupVisitor<E extends Exception> {
        void visit(long hour, long keyId, String route, Outcome outcome, long[] sums, int at) throws E;
    }

    /** How many groups take room, those that were taken back to 0 among them. */
    int groups() {
        return groups;
    }

    int route(byte[] line, int from, int to) {
        return routes.number(line, from, to);
    }

    /**
     * Adds to a group's sums.
     *
     * @param hour hours since 1970, above 0
     * @param sign 1, or -1 to take back what was added before
     */
    @SuppressWarnings("TooManyParameters") // Flat on purpose: called for every record.
    void add(int hour, long keyId, int route, Outcome outcome, long sign, long units, long in, long out, long micros) {
        int at = slot(hour, keyId, route, outcome);
        slots[at] += sign;
        slots[at + 1] += sign * units;
        slots[at + 2] += sign * in;
        slots[at + 3] += sign * out;
        slots[at + 4] += sign * micros;
    }

    /** Where the group's measures begin. */
    private int slot(int hour, long keyId, int route, Outcome outcome) {
        long group = (long) hour << 32 | (long) route << OUTCOME_BITS | outcome.ordinal();
        int slot = hash(hour, keyId, routes.hash(route), outcome) & mask;
        while (true) {
            int at = slot * WORDS;
            if (slots[at] == group && slots[at + 1] == keyId) {
                return at + 2;
            }
            if (slots[at] == 0) {
                if (groups >= (mask + 1) / 2) {
                    grow();
                    return slot(hour, keyId, route, outcome);
                }
                groups++;
                slots[at] = group;
                slots[at + 1] = keyId;
                return at + 2;
            }
            slot = slot + 1 & mask;
        }
    }

    /** Of the names, not of their numbers: equal groups of two tables go to one place. */
    private static int hash(int hour, long keyId, int route, Outcome outcome) {
        long mixed = (keyId * 0x9E3779B97F4A7C15L ^ hour) * 0xC2B2AE3D27D4EB4FL + route * 31L + outcome.ordinal();
        mixed = (mixed ^ mixed >>> 29) * 0xBF58476D1CE4E5B9L;
        return (int) (mixed >>> 32);
    }

    private void grow() {
        long[] before = slots;
        int count = 2 * (mask + 1);
        if ((long) count * WORDS > Integer.MAX_VALUE - 8) {
            throw new IllegalStateException("more than " + groups + " groups in one task");
        }
        slots = new long[count * WORDS];
        mask = count - 1;
        groups = 0;
        for (int from = 0; from < before.length; from += WORDS) {
            if (before[from] != 0) {
                int to = slot(hourOf(before[from]), before[from + 1], routeOf(before[from]), outcomeOf(before[from]));
                System.arraycopy(before, from + 2, slots, to, MEASURES);
            }
        }
    }

    private static int hourOf(long group) {
        return (int) (group >>> 32);
    }

    private static int routeOf(long group) {
        return (int) group >>> OUTCOME_BITS;
    }

    private static Outcome outcomeOf(long group) {
        return OUTCOMES[(int) group & (1 << OUTCOME_BITS) - 1];
    }

    /** Each group that has requests, in no order. */
    <E extends Exception> void forEach(GroupVisitor<E> visitor) throws E {
        for (int at = 0; at < slots.length; at += WORDS) {
            if (slots[at] != 0 && slots[at + 2] != 0) {
                visitor.visit(
                        hourOf(slots[at]),
                        slots[at + 1],
                        routes.name(routeOf(slots[at])),
                        outcomeOf(slots[at]),
                        slots,
                        at + 2);
            }
        }
    }

    /** The groups as blocks for so many partitions; equal groups of any table go to the same one. */
    List<byte[]> blocks(int partitions) {
        List<ByteArrayOutputStream> blocks = new ArrayList<>();
        List<DataOutputStream> outs = new ArrayList<>();
        try {
            for (int i = 0; i < partitions; i++) {
                blocks.add(new ByteArrayOutputStream());
                outs.add(new DataOutputStream(blocks.get(i)));
                routes.write(outs.get(i));
            }
            for (int at = 0; at < slots.length; at += WORDS) {
                if (slots[at] != 0 && slots[at + 2] != 0) {
                    int hash = hash(
                            hourOf(slots[at]), slots[at + 1], routes.hash(routeOf(slots[at])), outcomeOf(slots[at]));
                    // The table's places are the hash's low bits; the partition is of others.
                    DataOutputStream out = outs.get((int) (((hash >>> 8) * (long) partitions) >>> 24));
                    for (int word = 0; word < WORDS; word++) {
                        out.writeLong(slots[at + word]);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail", e);
        }
        return blocks.stream().map(ByteArrayOutputStream::toByteArray).toList();
    }

    /** Adds what another table wrote as a block. */
    void add(byte[] block) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(block));
        int[] numbers = routes.read(in);
        while (in.available() > 0) {
            long group = in.readLong();
            long keyId = in.readLong();
            int at = slot(hourOf(group), keyId, numbers[routeOf(group)], outcomeOf(group));
            for (int measure = 0; measure < MEASURES; measure++) {
                slots[at + measure] += in.readLong();
            }
        }
    }
}
