package io.counterfoil.jobs.rollup;

import io.counterfoil.accesslog.record.Outcome;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Requests summed by hour, key, route and outcome. Records come roughly in the order of time: each hour has a {@link HourSums} of its
 * own, small enough to stay in the processor's caches while it is added to. Not thread-safe.
 */
@SuppressWarnings("EnumOrdinal") // Never kept: both ends of an exchange run the same jar.
final class UsageSums {
    private final RouteNames routes = new RouteNames();
    private final Map<Integer, HourSums> hours = new HashMap<>();
    private HourSums current = new HourSums(-1);

    /** What is told of a group; {@code sums} holds its measures from {@code at} on and is not to be kept. */
    @FunctionalInterface
    interface GroupVisitor<E extends Exception> {
        void visit(long hour, long keyId, String route, Outcome outcome, long[] sums, int at) throws E;
    }

    /** How many groups take room, those that were taken back to 0 among them. */
    int groups() {
        return hours.values().stream().mapToInt(HourSums::groups).sum();
    }

    int route(byte[] line, int from, int to) {
        return routes.number(line, from, to);
    }

    /**
     * The sums of an hour.
     *
     * @param hour hours since 1970
     */
    HourSums hour(int hour) {
        if (current.hour() != hour) {
            current = hours.computeIfAbsent(hour, HourSums::new);
        }
        return current;
    }

    /** Each group that has requests, hour by hour. */
    <E extends Exception> void forEach(GroupVisitor<E> visitor) throws E {
        for (int hour : new TreeSet<>(hours.keySet())) {
            hour(hour)
                    .forEach((keyId, route, outcome, sums, at) ->
                            visitor.visit(hour, keyId, routes.name(route), outcome, sums, at));
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
            for (HourSums hour : hours.values()) {
                hour.forEach((keyId, route, outcome, sums, at) -> {
                    int hash = HourSums.hash(keyId, routes.hash(route), outcome) + hour.hour() * 0x9E3779B9;
                    DataOutputStream out = outs.get((int) (((hash >>> 8) * (long) partitions) >>> 24));
                    out.writeInt(hour.hour());
                    out.writeLong(keyId);
                    out.writeInt(route);
                    out.writeByte(outcome.ordinal());
                    for (int measure = 0; measure < HourSums.MEASURES; measure++) {
                        out.writeLong(sums[at + measure]);
                    }
                });
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
            HourSums hour = hour(in.readInt());
            long keyId = in.readLong();
            int route = numbers[in.readInt()];
            Outcome outcome = HourSums.OUTCOMES.get(in.readByte());
            hour.add(keyId, route, outcome, in.readLong(), in.readLong(), in.readLong(), in.readLong(), in.readLong());
        }
    }
}
