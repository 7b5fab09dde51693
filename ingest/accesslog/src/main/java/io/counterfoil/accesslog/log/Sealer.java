package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.LandingConflictException;
import io.counterfoil.accesslog.landing.Zstd;
import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Predecessor;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.Unlogged;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Seals rolled segments, each once, into the data folder's own landing, and keeps each stream's chain of digests. What is sealed
 * is read back from the file and held against what was acknowledged, so that a store the mapping swallowed is counted and not
 * passed on. One thread.
 */
final class Sealer {
    private final FolderLanding sealed;
    private final int streams;
    private final Optional<Predecessor> predecessor;
    private final LogCounters counters;
    private final Consumer<String> notices;
    private final Map<StreamId, String> chain = new HashMap<>();
    /** Of streams whose last seal had any, how many requests went without a record since. */
    private final Map<StreamId, Long> unrecorded = new HashMap<>();
    /** Streams whose time stands still until the wall clock has caught up. */
    private final Set<StreamId> held = new HashSet<>();
    /** Used again for every segment. */
    private byte[] csv = new byte[0];

    Sealer(
            FolderLanding sealed,
            int streams,
            Optional<Predecessor> predecessor,
            LogCounters counters,
            Consumer<String> notices) {
        this.sealed = sealed;
        this.streams = streams;
        this.predecessor = predecessor;
        this.counters = counters;
        this.notices = notices;
    }

    /** Repeating it after an exception is safe. The seal is synced, and with it the segment's content, when this returns. */
    void seal(RolledSegment rolled) throws IOException {
        ValidPrefix prefix = readBack(rolled);
        long lost = rolled.records().count() - prefix.records().count();
        Unlogged unlogged = rolled.unlogged().withLost(lost);
        StreamId stream = rolled.id().stream();
        String sha256 = Digests.sha256(csv, prefix.bytes());
        Seal seal = new Seal(
                rolled.id(),
                streams,
                prefix.records(),
                rolled.served(),
                unlogged,
                rolled.throughMicros(),
                rolled.clockStepMicros(),
                prefix.bytes(),
                sha256,
                Optional.ofNullable(chain.get(stream)),
                predecessor,
                rolled.endOfStream(),
                Optional.empty(),
                Optional.empty());
        byte[] data = Zstd.compress(csv, prefix.bytes());
        try {
            sealed.publish(seal, data, Optional.empty());
        } catch (LandingConflictException e) {
            throw new IOException("cannot seal: " + e.getMessage(), e);
        }
        chain.put(stream, sha256);
        counters.shipping.sealed(data.length);
        counters.lost.addAndGet(lost);
        if (lost > 0) {
            rolled.file().poison();
        }
        if (rolled.file().poisoned()) {
            counters.poisoned.incrementAndGet();
        }
        alarm(seal);
    }

    private ValidPrefix readBack(RolledSegment rolled) {
        int used = rolled.file().used();
        if (csv.length < used) {
            csv = new byte[used];
        }
        int read = rolled.file().read(csv, used);
        ValidPrefix prefix = ValidPrefix.of(
                rolled.id(),
                csv,
                read,
                rolled.records().firstSeq(),
                rolled.records().lastSeq());
        if (prefix.bytes() > 0) {
            return prefix;
        }
        byte[] header = RecordFormat.header(rolled.id());
        csv = Arrays.copyOf(header, Math.max(header.length, csv.length));
        return new ValidPrefix(prefix.records(), header.length);
    }

    private void alarm(Seal seal) {
        Unlogged unlogged = seal.unlogged();
        if (unlogged.lost() > 0) {
            notices.accept("segment " + seal.id() + ": " + unlogged.lost()
                    + " records were appended, but are not in its file; the seal counts them as lost. Its file or disk"
                    + " failed and is not used again: check the disk under the data folder");
        }
        if (seal.served() != seal.records().count() + unlogged.total()) {
            notices.accept("segment " + seal.id() + ": served " + seal.served() + " requests, but logged "
                    + seal.records().count() + " and counted " + unlogged.total() + " as unlogged");
        }
        StreamId stream = seal.id().stream();
        long without = unlogged.disk() + unlogged.noSegment();
        long before = unrecorded.getOrDefault(stream, 0L);
        if (without > 0) {
            unrecorded.put(stream, before + without);
        } else {
            unrecorded.remove(stream);
        }
        if (without > 0 && before == 0) {
            notices.accept("segment " + seal.id() + ": " + without + " requests were served without a record (disk: "
                    + unlogged.disk() + ", no segment ready: " + unlogged.noSegment() + ")");
        } else if (without == 0 && before > 0) {
            notices.accept("stream " + stream + ": every request has a record again, from segment " + seal.id()
                    + " on; " + before + " were served without one");
        }
        alarmClock(seal);
    }

    private void alarmClock(Seal seal) {
        StreamId stream = seal.id().stream();
        if (seal.clockStepMicros() == 0) {
            if (held.remove(stream)) {
                notices.accept("stream " + stream + ": the wall clock has caught up, segment " + seal.id());
            }
        } else if (held.add(stream)) {
            notices.accept("segment " + seal.id() + ": the wall clock stepped back by up to " + seal.clockStepMicros()
                    + " µs; its time was held");
        }
    }
}
