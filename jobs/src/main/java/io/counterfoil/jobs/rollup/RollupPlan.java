package io.counterfoil.jobs.rollup;

import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.sql.rollup.RollupStore;
import io.counterfoil.sql.rollup.SegmentKey;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which segments a batch is to count.
 *
 * @param seals sorted by segment
 * @param unreadable streams whose seals cannot be read, with the reason; they do not stop the others
 */
record RollupPlan(List<Seal> seals, List<String> unreadable) {
    /** Bounds of one batch: what one commit holds back, and what a driver keeps in memory. */
    private static final int MAX_SEGMENTS = 512;

    private static final long MAX_BYTES = 1L << 30;

    /** What the landing holds past the marks and the ledger has not seen, oldest first. */
    static RollupPlan find(Landing landing, RollupStore store) throws IOException {
        Map<SegmentKey, RollupStore.Mark> marks = store.marks();
        List<Seal> found = new ArrayList<>();
        List<String> unreadable = new ArrayList<>();
        for (StreamId stream : landing.streams()) {
            SegmentKey name = new SegmentKey(stream.edge(), stream.epoch().toString(), stream.stream(), 0);
            RollupStore.Mark mark = marks.getOrDefault(name, RollupStore.Mark.NONE);
            if (mark.ended()) {
                continue;
            }
            try {
                List<Seal> seals = landing.sealsAfter(stream, mark.number(), MAX_SEGMENTS);
                if (!seals.isEmpty()) {
                    Set<Long> seen = store.numbersAfter(name, mark.number());
                    seals.stream()
                            .filter(seal -> !seen.contains(seal.id().number()))
                            .forEach(found::add);
                }
            } catch (IOException e) {
                unreadable.add("stream " + stream + ": " + e.getMessage());
            }
        }
        found.sort(Comparator.comparingLong((Seal seal) -> seal.records().lastMicros())
                .thenComparing(Seal::id));
        return new RollupPlan(bounded(found), unreadable);
    }

    private static List<Seal> bounded(List<Seal> found) {
        List<Seal> seals = new ArrayList<>();
        long bytes = 0;
        for (Seal seal : found) {
            if (seals.size() == MAX_SEGMENTS || (!seals.isEmpty() && bytes + seal.bytes() > MAX_BYTES)) {
                break;
            }
            seals.add(seal);
            bytes += seal.bytes();
        }
        seals.sort(Comparator.comparing(Seal::id));
        return List.copyOf(seals);
    }

    List<SegmentKey> segments() {
        return seals.stream().map(Seal::id).map(SegmentCounter::key).toList();
    }

    /** The seals in as many groups as tasks, each with about the same bytes. */
    List<List<Seal>> packed(int tasks) {
        List<List<Seal>> groups = new ArrayList<>();
        int count = Math.max(1, Math.min(tasks, seals.size()));
        long[] bytes = new long[count];
        for (int i = 0; i < count; i++) {
            groups.add(new ArrayList<>());
        }
        List<Seal> largestFirst = new ArrayList<>(seals);
        largestFirst.sort(Comparator.comparingLong(Seal::bytes).reversed().thenComparing(Seal::id));
        for (Seal seal : largestFirst) {
            int least = 0;
            for (int i = 1; i < count; i++) {
                least = bytes[i] < bytes[least] ? i : least;
            }
            groups.get(least).add(seal);
            bytes[least] += seal.bytes();
        }
        return groups;
    }

    long records() {
        return seals.stream().mapToLong(seal -> seal.records().count()).sum();
    }
}
