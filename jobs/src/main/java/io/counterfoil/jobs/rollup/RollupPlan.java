package io.counterfoil.jobs.rollup;

import io.counterfoil.accesslog.landing.LandingReader;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.SealJson;
import io.counterfoil.sql.rollup.OpenRepair;
import io.counterfoil.sql.rollup.PlannedSegment;
import io.counterfoil.sql.rollup.RollupStore;
import io.counterfoil.sql.rollup.SegmentKey;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which segments a batch is to count.
 *
 * @param seals sorted by segment
 * @param repairs those of them that are looked at for the second time
 * @param unreadable streams whose seals cannot be read, with the reason; they do not stop the others
 */
record RollupPlan(List<Seal> seals, List<String> unreadable, Map<SegmentKey, OpenRepair> repairs) {
    /** Bounds of one batch: what a driver keeps in memory, and how long one commit lets the counted wait. */
    static final int MAX_SEGMENTS = 4096;

    static final long MAX_BYTES = 4L << 30;
    /** A person asks for each; new segments are not to wait for more of them. */
    private static final int MAX_REPAIRS = 256;
    /** What a reject takes in a task's memory, about; its segment may be empty. */
    private static final long REJECT_BYTES = 256;

    private static final Comparator<Seal> BY_TIME =
            Comparator.comparingLong((Seal seal) -> seal.records().lastMicros()).thenComparing(Seal::id);

    RollupPlan(List<Seal> seals, List<String> unreadable) {
        this(seals, unreadable, Map.of());
    }

    /**
     * What is to be looked at again, and what the landing holds past the marks and the ledger has not seen, oldest first.
     */
    static RollupPlan find(LandingReader landing, RollupStore store, long maxBytes) throws IOException {
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
                found.addAll(unseen(landing, stream, mark.number(), store.numbersAfter(name, mark.number())));
            } catch (IOException e) {
                unreadable.add("stream " + stream + ": " + e.getMessage());
            }
        }
        found.sort(BY_TIME);
        Map<SegmentKey, OpenRepair> repairs = new HashMap<>();
        List<Seal> all = new ArrayList<>();
        for (OpenRepair repair : store.openRepairs(MAX_REPAIRS)) {
            all.add(SealJson.read(repair.sealJson().getBytes(StandardCharsets.UTF_8)));
            repairs.put(repair.segment(), repair);
        }
        all.addAll(found);
        List<Seal> seals = bounded(all, maxBytes);
        repairs.keySet()
                .retainAll(seals.stream()
                        .map(seal -> SegmentCounter.key(seal.id()))
                        .collect(Collectors.toSet()));
        return new RollupPlan(seals, unreadable, repairs);
    }

    /** Of the segments whose rejects alone are judged again, where those begin. */
    Map<SegmentKey, Set<Long>> retried() {
        Map<SegmentKey, Set<Long>> retried = new HashMap<>();
        repairs.forEach((segment, repair) -> repair.rejects().ifPresent(bytes -> retried.put(segment, bytes)));
        return retried;
    }

    /** Behind a gap, the first seals past the mark may all have been counted: goes on until there are enough that were not. */
    private static List<Seal> unseen(LandingReader landing, StreamId stream, long mark, Set<Long> seen)
            throws IOException {
        List<Seal> unseen = new ArrayList<>();
        long after = mark;
        while (unseen.size() < MAX_SEGMENTS) {
            List<Seal> page = landing.sealsAfter(stream, after, MAX_SEGMENTS);
            page.stream().filter(seal -> !seen.contains(seal.id().number())).forEach(unseen::add);
            if (page.size() < MAX_SEGMENTS) {
                break;
            }
            after = page.get(page.size() - 1).id().number();
        }
        return unseen;
    }

    private static long weight(Seal seal) {
        return seal.bytes() + seal.rejects() * REJECT_BYTES;
    }

    private static List<Seal> bounded(List<Seal> found, long maxBytes) {
        List<Seal> seals = new ArrayList<>();
        long bytes = 0;
        for (Seal seal : found) {
            if (seals.size() == MAX_SEGMENTS || (!seals.isEmpty() && bytes > maxBytes - weight(seal))) {
                break;
            }
            seals.add(seal);
            bytes += weight(seal);
        }
        seals.sort(Comparator.comparing(Seal::id));
        return List.copyOf(seals);
    }

    List<PlannedSegment> segments() {
        return seals.stream()
                .map(seal -> {
                    SegmentKey segment = SegmentCounter.key(seal.id());
                    OpenRepair repair = repairs.get(segment);
                    return new PlannedSegment(
                            segment,
                            new String(SealJson.write(seal), StandardCharsets.UTF_8),
                            repair == null ? OptionalLong.empty() : OptionalLong.of(repair.id()));
                })
                .toList();
    }

    /** The seals in as many groups as tasks, each with about the same bytes, oldest first. */
    List<List<Seal>> packed(int tasks) {
        List<List<Seal>> groups = new ArrayList<>();
        int count = Math.max(1, Math.min(tasks, seals.size()));
        long[] bytes = new long[count];
        for (int i = 0; i < count; i++) {
            groups.add(new ArrayList<>());
        }
        List<Seal> largestFirst = new ArrayList<>(seals);
        largestFirst.sort(
                Comparator.comparingLong(RollupPlan::weight).reversed().thenComparing(Seal::id));
        for (Seal seal : largestFirst) {
            int least = 0;
            for (int i = 1; i < count; i++) {
                least = bytes[i] < bytes[least] ? i : least;
            }
            groups.get(least).add(seal);
            bytes[least] += weight(seal);
        }
        groups.forEach(group -> group.sort(BY_TIME));
        return groups;
    }

    /** Records and rejects. */
    long lines() {
        return seals.stream()
                .mapToLong(seal -> seal.records().count() + seal.rejects())
                .sum();
    }
}
