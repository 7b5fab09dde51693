package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.landing.LandingConflictException;
import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Moves sealed segments from the edge's disk to the landing, oldest first. Nothing is deleted here before it was published there;
 * of every stream of the current epoch the last seal stays, for the next start to go on from. One thread.
 */
final class Shipper {
    private static final int BATCH = 256;

    private final FolderLanding sealed;
    private final Epoch current;
    private final Landing landing;
    private final Consumer<String> notices;
    private final Set<StreamId> quarantined = new HashSet<>();
    private boolean down;

    Shipper(FolderLanding sealed, Epoch current, Landing landing, Consumer<String> notices) {
        this.sealed = sealed;
        this.current = current;
        this.landing = landing;
        this.notices = notices;
    }

    /** Ships what waits; true where nothing is left that could be shipped. */
    boolean ship() {
        try {
            for (StreamId stream : sealed.streams()) {
                if (!quarantined.contains(stream)) {
                    ship(stream);
                }
            }
        } catch (IOException | RuntimeException e) {
            if (!down) {
                notices.accept("landing cannot be written, segments wait on this disk: " + e.getMessage());
            }
            down = true;
            return false;
        }
        if (down) {
            notices.accept("landing can be written again");
        }
        down = false;
        return true;
    }

    private void ship(StreamId stream) throws IOException {
        long mark = 0;
        while (true) {
            List<Seal> seals = sealed.sealsAfter(stream, mark, BATCH);
            for (Seal seal : seals) {
                Optional<byte[]> data = sealed.data(seal.id());
                // A seal whose data is gone was shipped before.
                if (data.isPresent()) {
                    try {
                        landing.publish(seal, data.get(), Optional.empty());
                    } catch (LandingConflictException e) {
                        quarantined.add(stream);
                        notices.accept("stream " + stream + " is quarantined, its segments stay on this disk: "
                                + e.getMessage());
                        return;
                    }
                    sealed.deleteData(seal.id());
                }
                if (mark > 0) {
                    sealed.deleteSeal(new SegmentId(stream, mark));
                }
                mark = seal.id().number();
            }
            if (seals.size() < BATCH) {
                if (!stream.epoch().equals(current)) {
                    sealed.deleteStream(stream);
                }
                return;
            }
        }
    }
}
