package io.counterfoil.jobs.rollup;

import io.counterfoil.accesslog.record.RecordFormat;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Numbers for the route names that a task meets, so that a group needs no text. Not thread-safe. */
final class RouteNames {
    /** So many routes are looked for among the last ones met before their text is made. */
    private static final int RECENT = 64;

    /** The number of what is no route's name. */
    static final int NONE = -1;

    private final List<String> names = new ArrayList<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private final byte[][] recent = new byte[RECENT][];
    private final int[] recentNumbers = new int[RECENT];

    /** Or {@link #NONE}. */
    int number(byte[] line, int from, int to) {
        int hash = to - from;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + line[i];
        }
        int place = (hash ^ hash >>> 8) & RECENT - 1;
        byte[] there = recent[place];
        if (there != null && Arrays.equals(line, from, to, there, 0, there.length)) {
            return recentNumbers[place];
        }
        recent[place] = Arrays.copyOfRange(line, from, to);
        recentNumbers[place] = number(new String(recent[place], StandardCharsets.US_ASCII));
        return recentNumbers[place];
    }

    private int number(String name) {
        if (!RecordFormat.ROUTE_NAME.matcher(name).matches()) {
            return NONE;
        }
        Integer known = numbers.putIfAbsent(name, names.size());
        if (known != null) {
            return known;
        }
        names.add(name);
        return names.size() - 1;
    }

    String name(int number) {
        return names.get(number);
    }

    /** Of the name: the same in every JVM. */
    int hash(int number) {
        return names.get(number).hashCode();
    }

    void write(DataOutputStream out) throws IOException {
        out.writeInt(names.size());
        for (String name : names) {
            out.writeUTF(name);
        }
    }

    /** The numbers here of the names that another one wrote, by their numbers there. */
    int[] read(DataInputStream in) throws IOException {
        int[] here = new int[in.readInt()];
        for (int i = 0; i < here.length; i++) {
            here[i] = number(in.readUTF());
        }
        return here;
    }
}
