package io.counterfoil.jobs.rollup;

import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.SealJson;
import io.counterfoil.sql.rollup.SegmentKey;
import scala.Tuple2;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;

/** Counts segments as they are asked for, and hands the sums on before they take too much memory. */
final class CountedPortions implements Iterator<Tuple2<Integer, Portion>> {
    /** Up to 224 MB; then what was summed goes on its way, between two segments. */
    private static final int MAX_GROUPS = 1_000_000;

    private final SegmentCounter counter;
    private final Iterator<byte[]> seals;
    private final Set<SegmentKey> overlapping;
    private final int partitions;
    private final Deque<Tuple2<Integer, Portion>> ready = new ArrayDeque<>();

    /**
     * @param seals as JSON
     * @param overlapping segments that are to be quarantined unread
     */
    CountedPortions(SegmentCounter counter, Iterator<byte[]> seals, Set<SegmentKey> overlapping, int partitions) {
        this.counter = counter;
        this.seals = seals;
        this.overlapping = overlapping;
        this.partitions = partitions;
    }

    @Override
    public boolean hasNext() {
        while (ready.isEmpty() && seals.hasNext()) {
            try {
                count(SealJson.read(seals.next()));
            } catch (IOException e) {
                throw new LandingLostException(e);
            }
            if (!seals.hasNext() || counter.groups() > MAX_GROUPS) {
                emit();
            }
        }
        return !ready.isEmpty();
    }

    private void count(Seal seal) throws IOException {
        if (overlapping.contains(SegmentCounter.key(seal.id()))) {
            counter.quarantine(seal, "its sequence numbers, or batches of its source, are another segment's too");
        } else {
            counter.count(seal);
        }
    }

    private void emit() {
        List<byte[]> blocks = counter.takeSums().blocks(partitions);
        for (int part = 0; part < partitions; part++) {
            ready.add(new Tuple2<>(part, new Portion(blocks.get(part), List.of())));
        }
        for (Portion.Verdict verdict : counter.takeVerdicts()) {
            int part = Math.floorMod(verdict.segment().segment().toString().hashCode(), partitions);
            ready.add(new Tuple2<>(part, new Portion(new byte[0], List.of(verdict))));
        }
    }

    @Override
    public Tuple2<Integer, Portion> next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return ready.remove();
    }

    /** An iterator may throw nothing checked. */
    static final class LandingLostException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        LandingLostException(IOException cause) {
            super(cause);
        }
    }
}
