package io.counterfoil.accesslog.ship;

import io.counterfoil.accesslog.file.Reason;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.landing.LandingConflictException;
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
import java.util.function.Predicate;

/**
 * Moves sealed segments from the edge's disk to the landing, oldest first. Nothing is deleted here before it was published there;
 * of every stream that goes on the last seal stays, for the next start to go on from. One thread.
 */
public final class Shipper {
    /** The streams take turns, so that the hours of none wait for the backlog of another. */
    private static final int TURN = 16;

    private final FolderLanding sealed;
    private final Predicate<StreamId> goesOn;
    private final Landing landing;
    private final ShippingCounters counters;
    private final Consumer<String> notices;
    private final Set<StreamId> unreadable = new HashSet<>();
    private boolean ownDiskFails;

    /** What an edge's own disk does not give or take: no fault of the landing, and none of the other streams. */
    private static final class OwnDiskException extends IOException {
        private static final long serialVersionUID = 1L;

        OwnDiskException(IOException cause) {
            super(Reason.of(cause), cause);
        }
    }

    /**
     * @param sealed on the edge's own disk
     * @param goesOn whether a stream gets more segments; of others nothing stays
     */
    public Shipper(
            FolderLanding sealed,
            Predicate<StreamId> goesOn,
            Landing landing,
            ShippingCounters counters,
            Consumer<String> notices) {
        this.sealed = sealed;
        this.goesOn = goesOn;
        this.landing = landing;
        this.counters = counters;
        this.notices = notices;
    }

    /** Ships what waits; true where nothing is left that could be shipped. */
    boolean ship() {
        boolean all;
        try {
            all = shipAll();
        } catch (OwnDiskException e) {
            if (!ownDiskFails) {
                notices.accept("ALARM what is sealed cannot be listed, nothing is shipped: " + e.getMessage()
                        + "; see whether the data folder's disk works");
            }
            ownDiskFails = true;
            return false;
        } catch (IOException | RuntimeException | Error e) {
            if (!counters.landingDown()) {
                notices.accept("landing cannot be written, segments wait on this disk: " + Reason.of(e)
                        + "; see that the landing is there and may be written");
            }
            counters.landingDown(true);
            return false;
        }
        if (counters.landingDown()) {
            notices.accept("landing can be written again");
        }
        counters.landingDown(false);
        ownDiskFails = false;
        if (all) {
            counters.allShipped();
        }
        return all;
    }

    /** True where every stream's files could be read. */
    private boolean shipAll() throws IOException {
        boolean all = true;
        Map<StreamId, Long> marks = new HashMap<>();
        for (StreamId stream : own(sealed::streams)) {
            if (!counters.quarantined().contains(stream)) {
                marks.put(stream, 0L);
            }
        }
        while (!marks.isEmpty()) {
            for (StreamId stream : marks.keySet().stream().sorted().toList()) {
                Optional<Long> mark;
                try {
                    mark = shipTurn(stream, marks.get(stream));
                } catch (OwnDiskException e) {
                    all = false;
                    tellUnreadable(stream, e);
                    mark = Optional.empty();
                }
                if (mark.isPresent()) {
                    marks.put(stream, mark.get());
                } else {
                    marks.remove(stream);
                }
            }
        }
        countQuarantined();
        return all;
    }

    private void tellUnreadable(StreamId stream, OwnDiskException e) {
        if (unreadable.add(stream)) {
            notices.accept("ALARM sealed segments of stream " + stream + " cannot be shipped, other streams go on: "
                    + e.getMessage() + "; see whether the data folder's disk works");
        }
    }

    private void countQuarantined() throws OwnDiskException {
        long bytes = 0;
        for (StreamId stream : counters.quarantined()) {
            bytes += own(() -> sealed.dataSizes(stream)).stream()
                    .mapToLong(Long::longValue)
                    .sum();
        }
        counters.quarantinedBytes(bytes);
    }

    /** Ships the next few segments past the mark; returns the new mark, empty where the stream has no more to ship. */
    private Optional<Long> shipTurn(StreamId stream, long from) throws IOException {
        long mark = from;
        long after = mark;
        List<Seal> seals = own(() -> sealed.sealsAfter(stream, after, TURN));
        for (Seal seal : seals) {
            Optional<byte[]> data = own(() -> sealed.data(seal.id()));
            // A seal whose data is gone was shipped before.
            if (data.isPresent()) {
                Optional<byte[]> rejects = own(() -> sealed.rejects(seal.id()));
                try {
                    landing.publish(seal, data.get(), rejects);
                } catch (LandingConflictException e) {
                    quarantine(stream, e);
                    return Optional.empty();
                }
                own(() -> {
                    sealed.deleteData(seal.id());
                    return data;
                });
                counters.landed(data.get().length);
            }
            if (mark > 0) {
                SegmentId before = new SegmentId(stream, mark);
                own(() -> {
                    sealed.deleteSeal(before);
                    return before;
                });
            }
            mark = seal.id().number();
        }
        if (seals.size() == TURN) {
            return Optional.of(mark);
        }
        if (!goesOn.test(stream)) {
            own(() -> {
                sealed.deleteStream(stream);
                return stream;
            });
        }
        unreadable.remove(stream);
        return Optional.empty();
    }

    private interface OnOwnDisk<T> {
        T get() throws IOException;
    }

    private static <T> T own(OnOwnDisk<T> work) throws OwnDiskException {
        try {
            return work.get();
        } catch (IOException e) {
            throw new OwnDiskException(e);
        }
    }

    private void quarantine(StreamId stream, LandingConflictException conflict) {
        counters.quarantine(stream);
        notices.accept("stream " + stream + " is quarantined, its segments stay on this disk: " + conflict.getMessage()
                + " Was this data folder copied?");
    }
}
