package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.LandingConflictException;
import io.counterfoil.accesslog.landing.Zstd;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Predecessor;
import io.counterfoil.accesslog.seal.Seal;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Seals rolled segments, each once, into the data folder's own landing, and keeps each stream's chain of digests. One thread. */
final class Sealer {
    private final FolderLanding sealed;
    private final int streams;
    private final Optional<Predecessor> predecessor;
    private final Consumer<String> notices;
    private final Map<StreamId, String> chain = new HashMap<>();

    Sealer(FolderLanding sealed, int streams, Optional<Predecessor> predecessor, Consumer<String> notices) {
        this.sealed = sealed;
        this.streams = streams;
        this.predecessor = predecessor;
        this.notices = notices;
    }

    void seal(RolledSegment rolled) throws IOException {
        rolled.file().force(rolled.bytes());
        byte[] csv = rolled.file().copy(rolled.bytes());
        StreamId stream = rolled.id().stream();
        String sha256 = Digests.sha256(csv);
        Seal seal = new Seal(
                rolled.id(),
                streams,
                rolled.records(),
                rolled.served(),
                rolled.unlogged(),
                rolled.throughMicros(),
                rolled.clockStepMicros(),
                csv.length,
                sha256,
                Optional.ofNullable(chain.get(stream)),
                predecessor,
                rolled.endOfStream(),
                Optional.empty(),
                Optional.empty());
        try {
            sealed.publish(seal, Zstd.compress(csv), Optional.empty());
        } catch (LandingConflictException e) {
            throw new IOException("cannot seal: " + e.getMessage(), e);
        }
        chain.put(stream, sha256);
        alarm(seal);
    }

    private void alarm(Seal seal) {
        long accounted = seal.records().count() + seal.unlogged().total();
        if (seal.served() != accounted) {
            notices.accept("segment " + seal.id() + ": served " + seal.served() + " requests, but logged "
                    + seal.records().count() + " and counted " + seal.unlogged().total() + " as unlogged");
        }
        if (seal.unlogged().total() > 0) {
            notices.accept("segment " + seal.id() + ": " + seal.unlogged().total()
                    + " requests were served without a record (" + seal.unlogged() + ")");
        }
        if (seal.clockStepMicros() > 0) {
            notices.accept("segment " + seal.id() + ": the wall clock stepped back by up to " + seal.clockStepMicros()
                    + " µs; its time was held");
        }
    }
}
