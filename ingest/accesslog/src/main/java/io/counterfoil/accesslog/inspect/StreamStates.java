package io.counterfoil.accesslog.inspect;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Where each stream of an edge's data folder stands: written, sealed, landed. Reads while the edge writes. */
public final class StreamStates {
    private static final int SEALS_A_PAGE = 1000;

    private StreamStates() {}

    /**
     * One stream.
     *
     * @param lastSeq of what is written; empty where nothing is known of it
     * @param unsealed records that no seal holds
     * @param waiting sealed segments that are not in the landing
     * @param landed the last seal in the landing
     */
    public record State(StreamId stream, OptionalLong lastSeq, long unsealed, int waiting, Optional<Seal> landed) {
        /** How far the landing is behind: since the time up to which its last seal promises to be complete. */
        public Optional<Duration> lag(Instant now) {
            return landed.map(
                    seal -> Duration.between(Instant.EPOCH.plus(seal.throughMicros(), ChronoUnit.MICROS), now));
        }
    }

    /** By stream. What a stream costs does not grow with what it has landed. */
    public static List<State> of(Path dataFolder, Landing landing) throws IOException {
        Map<StreamId, List<InspectedSegment>> active = new TreeMap<>();
        for (StreamFolder folder : StreamFolder.in(dataFolder)) {
            for (InspectedSegment segment : folder.segments()) {
                active.computeIfAbsent(segment.id().stream(), stream -> new ArrayList<>())
                        .add(segment);
            }
        }
        FolderLanding sealed = new FolderLanding(dataFolder.resolve("sealed"));
        for (StreamId stream : sealed.streams()) {
            active.computeIfAbsent(stream, id -> new ArrayList<>());
        }
        List<State> states = new ArrayList<>();
        for (Map.Entry<StreamId, List<InspectedSegment>> entry : active.entrySet()) {
            states.add(state(entry.getKey(), entry.getValue(), sealed, landing));
        }
        return states;
    }

    private static State state(StreamId stream, List<InspectedSegment> active, Landing sealed, Landing landing)
            throws IOException {
        List<Seal> waiting = all(sealed, stream, 0);
        long lowest = Long.MAX_VALUE;
        for (Seal seal : waiting) {
            lowest = Math.min(lowest, seal.id().number());
        }
        for (InspectedSegment segment : active) {
            lowest = Math.min(lowest, segment.id().number());
        }
        long mark = lowest == Long.MAX_VALUE ? 0 : Math.max(0, lowest - 3);
        List<Seal> landed = all(landing, stream, mark);
        Optional<Seal> lastLanded = landed.isEmpty() ? Optional.empty() : Optional.of(landed.get(landed.size() - 1));
        long landedNumber = lastLanded.map(seal -> seal.id().number()).orElse(0L);
        // Published and not yet cleared away on the edge's disk.
        waiting.removeIf(seal -> seal.id().number() <= landedNumber);
        long sealedSeq = waiting.isEmpty()
                ? lastLanded.map(seal -> seal.records().lastSeq()).orElse(0L)
                : waiting.get(waiting.size() - 1).records().lastSeq();
        OptionalLong written = OptionalLong.empty();
        for (InspectedSegment segment : active) {
            SegmentCheck.Verdict verdict = SegmentCheck.check(segment);
            if (verdict.valid().count() > 0) {
                written = OptionalLong.of(verdict.valid().lastSeq());
            }
        }
        OptionalLong lastSeq = sealedSeq > 0 || written.isPresent()
                ? OptionalLong.of(Math.max(sealedSeq, written.orElse(0)))
                : OptionalLong.empty();
        return new State(stream, lastSeq, lastSeq.orElse(0) - sealedSeq, waiting.size(), lastLanded);
    }

    private static List<Seal> all(Landing landing, StreamId stream, long mark) throws IOException {
        List<Seal> all = new ArrayList<>();
        long from = mark;
        while (true) {
            List<Seal> page = landing.sealsAfter(stream, from, SEALS_A_PAGE);
            all.addAll(page);
            if (page.size() < SEALS_A_PAGE) {
                return all;
            }
            from = page.get(page.size() - 1).id().number();
        }
    }
}
