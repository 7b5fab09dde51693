package io.counterfoil.accesslog.collected;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.SourceRange;
import io.counterfoil.accesslog.ship.ShippingCounters;

import java.io.IOException;
import java.util.Optional;

/** The sealed segments of a source's stream, as far as they are on this disk: the last one's seal always is. */
final class SourceSegments {
    private final StreamId stream;
    private final FolderLanding sealed;
    private final ShippingCounters shipping;
    private Optional<Seal> last;

    SourceSegments(StreamId stream, FolderLanding sealed, ShippingCounters shipping) throws IOException {
        this.stream = stream;
        this.sealed = sealed;
        this.shipping = shipping;
        last = sealed.lastSeal(stream);
    }

    /** Of the segment behind the last one. */
    SegmentId nextId() {
        return new SegmentId(stream, last.map(seal -> seal.id().number() + 1).orElse(1L));
    }

    /** Of the record behind the last one. */
    long nextSeq() {
        return last.map(seal -> seal.records().lastSeq() + 1).orElse(1L);
    }

    boolean isSealed(SegmentId id) {
        return last.isPresent() && id.number() <= last.get().id().number();
    }

    /** How many bytes of its journal a sealed segment is made of. */
    int journalBytes(SegmentId id) throws IOException {
        SourceRange source = sealed.seal(id).source().orElseThrow();
        return (int) (source.to() - source.from());
    }

    long firstSeq(SegmentId id) throws IOException {
        return sealed.seal(id).records().firstSeq();
    }

    /**
     * Seals the next segment.
     *
     * @throws IOException where the disk does not take it: it is not sealed then
     */
    void seal(SegmentId id, JournalContent content, long cutBytes) throws IOException {
        try {
            last = Optional.of(CollectedSegment.publish(sealed, id, content, last, cutBytes, shipping));
        } catch (IOException | RuntimeException | Error e) {
            // What came last may have failed with the seal in its place, and a seal is for good.
            Optional<Seal> there = sealed.lastSeal(stream).filter(seal -> isOf(seal, id, content));
            if (there.isEmpty()) {
                throw e;
            }
            shipping.sealed(sealed.data(id).map(data -> data.length).orElse(0));
            last = there;
        }
    }

    private static boolean isOf(Seal seal, SegmentId id, JournalContent content) {
        return seal.id().equals(id)
                && seal.sha256().equals(Digests.sha256(content.csv()))
                && seal.source().orElseThrow().to()
                                - seal.source().orElseThrow().from()
                        == content.bytes();
    }
}
