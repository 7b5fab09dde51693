package io.counterfoil.jobs.rollup;

import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Predecessor;
import io.counterfoil.accesslog.seal.Recovery;
import io.counterfoil.accesslog.seal.Seal;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** One epoch of an edge as it seals it, stream by stream: numbered, chained, with its predecessor. */
public final class EdgeLog {
    private static final RequestFacts FACTS =
            new RequestFacts(3, "items", "GET", 200, 0, 100, 50, 1, Decision.ADMITTED, "", "", "/v1/items/1");

    private final String edge;
    private final Epoch epoch;
    private final Optional<Predecessor> predecessor;
    private final List<Optional<Seal>> last = new ArrayList<>();

    public EdgeLog(String edge, Instant start, int streams, Optional<Predecessor> predecessor) {
        this.edge = edge;
        this.epoch = new Epoch(start.getEpochSecond(), 11);
        this.predecessor = predecessor;
        last.addAll(Collections.nCopies(streams, Optional.empty()));
    }

    String epoch() {
        return epoch.toString();
    }

    String lastSha(int stream) {
        return last.get(stream).orElseThrow().sha256();
    }

    /** What the next epoch's seals say of this one. */
    Predecessor left() {
        return new Predecessor(
                epoch,
                last.stream()
                        .map(seal -> seal.map(Seal::records)
                                .map(records -> records.lastSeq())
                                .orElse(0L))
                        .toList());
    }

    /** Seals a stream through a time, with a record a second just before it. */
    public LandedSegments.Built seal(int stream, Instant through, int records) {
        return seal(stream, through, records, seal -> seal);
    }

    LandedSegments.Built end(int stream, Instant through) {
        return seal(stream, through, 0, EdgeLog::ended);
    }

    /** What a start finds after its machine died. */
    LandedSegments.Built recoveredAfterCrash(int stream, Instant through, Instant lossSince) {
        return seal(
                stream,
                through,
                1,
                seal -> with(
                        seal,
                        seal.previousSha256(),
                        true,
                        Optional.of(new Recovery(0, "since " + lossSince, 0)),
                        seal.throughMicros()));
    }

    LandedSegments.Built seal(int stream, Instant through, int records, UnaryOperator<Seal> change) {
        Optional<Seal> before = last.get(stream);
        long number = before.map(seal -> seal.id().number()).orElse(0L) + 1;
        long firstSeq = before.map(seal -> seal.records().lastSeq()).orElse(0L) + 1;
        long throughMicros = micros(through);
        LandedSegments.Built built = LandedSegments.build(
                new StreamId(edge, epoch, stream),
                number,
                firstSeq,
                Collections.nCopies(records, FACTS),
                throughMicros - records * 1_000_000L,
                1_000_000L);
        Seal seal = change.apply(with(built.seal(), before.map(Seal::sha256), false, Optional.empty(), throughMicros));
        last.set(stream, Optional.of(seal));
        return new LandedSegments.Built(seal, built.csv());
    }

    static Seal ended(Seal seal) {
        return copy(seal, seal.streams(), seal.previousSha256(), seal.predecessor(), true, seal.recovery());
    }

    static Seal chainedTo(Seal seal, String sha256) {
        return copy(seal, seal.streams(), Optional.of(sha256), seal.predecessor(), seal.endOfStream(), seal.recovery());
    }

    private Seal with(
            Seal seal, Optional<String> previous, boolean end, Optional<Recovery> recovery, long throughMicros) {
        return new Seal(
                seal.id(),
                last.size(),
                seal.records(),
                seal.served(),
                seal.unlogged(),
                throughMicros,
                0,
                seal.bytes(),
                seal.sha256(),
                previous,
                predecessor,
                end,
                recovery,
                Optional.empty());
    }

    private static Seal copy(
            Seal seal,
            int streams,
            Optional<String> previous,
            Optional<Predecessor> predecessor,
            boolean end,
            Optional<Recovery> recovery) {
        return new Seal(
                seal.id(),
                streams,
                seal.records(),
                seal.served(),
                seal.unlogged(),
                seal.throughMicros(),
                0,
                seal.bytes(),
                seal.sha256(),
                previous,
                predecessor,
                end,
                recovery,
                Optional.empty());
    }

    private static long micros(Instant time) {
        return time.toEpochMilli() * 1000;
    }
}
