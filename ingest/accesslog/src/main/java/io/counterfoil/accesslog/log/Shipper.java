package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.landing.LandingConflictException;
import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Moves sealed segments from the edge's disk to the landing, oldest first. Nothing is deleted here before it was published there;
 * of every stream of the current epoch the last seal stays, for the next start to go on from. One thread.
 */
final class Shipper {
    /** The streams take turns, so that the hours of none wait for the backlog of another. */
    private static final int TURN = 16;

    private final FolderLanding sealed;
    private final Epoch current;
    private final Landing landing;
    private final LogCounters counters;
    private final Consumer<String> notices;
    private final Set<StreamId> quarantined = new HashSet<>();

    Shipper(FolderLanding sealed, Epoch current, Landing landing, LogCounters counters, Consumer<String> notices) {
        this.sealed = sealed;
        this.current = current;
        this.landing = landing;
        this.counters = counters;
        this.notices = notices;
    }

    /** Ships what waits; true where nothing is left that could be shipped. */
    boolean ship() {
        try {
            shipAll();
        } catch (IOException | RuntimeException e) {
            if (!counters.landingDown) {
                notices.accept("landing cannot be written, segments wait on this disk: " + e.getMessage());
            }
            counters.landingDown = true;
            return false;
        }
        if (counters.landingDown) {
            notices.accept("landing can be written again");
        }
        counters.landingDown = false;
        counters.shippedNanos = System.nanoTime();
        return true;
    }

    private void shipAll() throws IOException {
        Map<StreamId, Long> marks = new HashMap<>();
        for (StreamId stream : sealed.streams()) {
            if (!quarantined.contains(stream)) {
                marks.put(stream, 0L);
            }
        }
        while (!marks.isEmpty()) {
            for (StreamId stream : marks.keySet().stream().sorted().toList()) {
                Optional<Long> mark = shipTurn(stream, marks.get(stream));
                if (mark.isPresent()) {
                    marks.put(stream, mark.get());
                } else {
                    marks.remove(stream);
                }
            }
        }
    }

    /** Ships the next few segments past the mark; returns the new mark, empty where the stream has no more to ship. */
    private Optional<Long> shipTurn(StreamId stream, long from) throws IOException {
        long mark = from;
        List<Seal> seals = sealed.sealsAfter(stream, mark, TURN);
        for (Seal seal : seals) {
            Optional<byte[]> data = sealed.data(seal.id());
            // A seal whose data is gone was shipped before.
            if (data.isPresent()) {
                try {
                    landing.publish(seal, data.get(), Optional.empty());
                } catch (LandingConflictException e) {
                    quarantine(stream, e);
                    return Optional.empty();
                }
                sealed.deleteData(seal.id());
                counters.waitingSegments.decrementAndGet();
                counters.waitingBytes.addAndGet(-data.get().length);
            }
            if (mark > 0) {
                sealed.deleteSeal(new SegmentId(stream, mark));
            }
            mark = seal.id().number();
        }
        if (seals.size() == TURN) {
            return Optional.of(mark);
        }
        if (!stream.epoch().equals(current)) {
            sealed.deleteStream(stream);
        }
        return Optional.empty();
    }

    private void quarantine(StreamId stream, LandingConflictException conflict) {
        quarantined.add(stream);
        counters.quarantined.set(quarantined.size());
        notices.accept("stream " + stream + " is quarantined, its segments stay on this disk: " + conflict.getMessage()
                + " Was this data folder copied?");
    }
}
