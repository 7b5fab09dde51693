package io.counterfoil.accesslog.collected;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** A set of numbers as runs without holes; one run, as of batches that came in order, takes next to no room. */
final class NumberRanges {
    private long first = 1;
    private long last;
    /** Empty while there is one run at most. */
    private TreeMap<Long, Long> runs = new TreeMap<>();

    boolean contains(long number) {
        if (runs.isEmpty()) {
            return first <= number && number <= last;
        }
        Map.Entry<Long, Long> run = runs.floorEntry(number);
        return run != null && run.getValue() >= number;
    }

    /** Adds a run, whatever of it is there already. */
    void add(long from, long to) {
        if (runs.isEmpty()) {
            if (last < first) {
                first = from;
                last = to;
                return;
            }
            if (from <= last + 1 && to >= first - 1) {
                first = Math.min(first, from);
                last = Math.max(last, to);
                return;
            }
            runs = new TreeMap<>(Map.of(first, last));
        }
        long begin = from;
        long end = to;
        Map.Entry<Long, Long> run = runs.floorEntry(from);
        if (run != null && run.getValue() >= from - 1) {
            begin = run.getKey();
            end = Math.max(end, run.getValue());
        }
        run = runs.ceilingEntry(begin);
        while (run != null && run.getKey() <= end + 1) {
            end = Math.max(end, run.getValue());
            runs.remove(run.getKey());
            run = runs.ceilingEntry(begin);
        }
        runs.put(begin, end);
        shrink();
    }

    void remove(long number) {
        if (runs.isEmpty() && last >= first) {
            runs = new TreeMap<>(Map.of(first, last));
        }
        Map.Entry<Long, Long> run = runs.floorEntry(number);
        if (run != null && run.getValue() >= number) {
            runs.remove(run.getKey());
            if (run.getKey() < number) {
                runs.put(run.getKey(), number - 1);
            }
            if (run.getValue() > number) {
                runs.put(number + 1, run.getValue());
            }
        }
        if (runs.isEmpty()) {
            first = 1;
            last = 0;
        }
        shrink();
    }

    private void shrink() {
        if (runs.size() == 1) {
            first = runs.firstKey();
            last = runs.get(first);
            runs = new TreeMap<>();
        }
    }

    /** Whether the number would be a run of its own: neither in one nor beside one. */
    boolean isApart(long number) {
        return !contains(number) && !contains(number - 1) && !contains(number + 1);
    }

    /** How many runs there are. */
    int size() {
        return runs.isEmpty() ? last < first ? 0 : 1 : runs.size();
    }

    /** First and last of each run, in order. */
    void forEach(BiConsumer<Long, Long> run) {
        if (runs.isEmpty() && last >= first) {
            run.accept(first, last);
        }
        runs.forEach(run);
    }
}
