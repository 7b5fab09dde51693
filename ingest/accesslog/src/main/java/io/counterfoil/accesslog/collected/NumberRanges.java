package io.counterfoil.accesslog.collected;

import java.util.Map;
import java.util.TreeMap;

/** A set of numbers as runs without holes: of batches that came in order, one. */
final class NumberRanges {
    private final TreeMap<Long, Long> lastByFirst = new TreeMap<>();

    boolean contains(long number) {
        Map.Entry<Long, Long> run = lastByFirst.floorEntry(number);
        return run != null && run.getValue() >= number;
    }

    /** Adds a run, whatever of it is there already. */
    void add(long first, long last) {
        long from = first;
        long to = last;
        Map.Entry<Long, Long> run = lastByFirst.floorEntry(first);
        if (run != null && run.getValue() >= first - 1) {
            from = run.getKey();
            to = Math.max(to, run.getValue());
        }
        run = lastByFirst.ceilingEntry(from);
        while (run != null && run.getKey() <= to + 1) {
            to = Math.max(to, run.getValue());
            lastByFirst.remove(run.getKey());
            run = lastByFirst.ceilingEntry(from);
        }
        lastByFirst.put(from, to);
    }

    void remove(long number) {
        Map.Entry<Long, Long> run = lastByFirst.floorEntry(number);
        if (run == null || run.getValue() < number) {
            return;
        }
        lastByFirst.remove(run.getKey());
        if (run.getKey() < number) {
            lastByFirst.put(run.getKey(), number - 1);
        }
        if (run.getValue() > number) {
            lastByFirst.put(number + 1, run.getValue());
        }
    }

    /** First and last of each run, in order. */
    Map<Long, Long> runs() {
        return lastByFirst;
    }
}
