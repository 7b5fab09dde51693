package io.counterfoil.accesslog.landing;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.SourceRange;
import io.counterfoil.accesslog.segment.CorruptSegmentException;
import io.counterfoil.accesslog.segment.RecordVisitor;
import io.counterfoil.accesslog.segment.VerifiedSegment;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Reads what a landing holds under a seal, and lets nothing through that is not exactly what was sealed. Where that is not what
 * lies under the segment's name, another copy of it is, if the landing has one ({@link SegmentRepair}).
 */
public final class SegmentReader {
    private final LandingReader landing;

    public SegmentReader(LandingReader landing) {
        this.landing = landing;
    }

    /**
     * @throws CorruptSegmentException where the data is missing under its seal or is not what was sealed; trying again will not
     *     help
     * @throws IOException where the landing cannot be reached; trying again may help
     */
    public VerifiedSegment read(Seal seal) throws IOException, CorruptSegmentException {
        return read(seal, () -> at -> {});
    }

    /**
     * As {@link #read(Seal)}, and shows each record on the way, as {@link VerifiedSegment#verify(Seal, byte[], RecordVisitor)} does.
     *
     * @param visitor asked for anew for each copy that is looked at; what an earlier one gathered is void
     */
    public VerifiedSegment read(Seal seal, Supplier<RecordVisitor> visitor)
            throws IOException, CorruptSegmentException {
        try {
            return VerifiedSegment.verify(seal, unverified(seal), visitor.get());
        } catch (CorruptSegmentException e) {
            Optional<byte[]> repaired = repaired(seal);
            if (repaired.isEmpty()) {
                throw e;
            }
            return VerifiedSegment.verify(seal, repaired.get(), visitor.get());
        }
    }

    /** Another copy's uncompressed bytes, of the length and SHA-256 that the seal states; empty where the landing has none. */
    public Optional<byte[]> repaired(Seal seal) throws IOException {
        for (int n = 1; ; n++) {
            Optional<byte[]> copy = landing.repair(seal.id(), n);
            if (copy.isEmpty()) {
                return Optional.empty();
            }
            Optional<byte[]> csv = SegmentRepair.ifSealed(seal, copy.get());
            if (csv.isPresent()) {
                return csv;
            }
        }
    }

    /**
     * The uncompressed bytes under the segment's own name, for {@link VerifiedSegment#verify}. Errors as for {@link #read}.
     */
    public byte[] unverified(Seal seal) throws IOException, CorruptSegmentException {
        Optional<byte[]> compressed = landing.data(seal.id());
        if (compressed.isEmpty()) {
            throw new CorruptSegmentException(seal.id(), "the seal is there, the data is not");
        }
        return decompress(seal, compressed.get());
    }

    /** The segment's rejects as CSV, verified; empty where the seal states none. Errors as for {@link #read}. */
    public Optional<byte[]> rejects(Seal seal) throws IOException, CorruptSegmentException {
        Optional<SourceRange.Rejects> stated = seal.source().flatMap(SourceRange::rejects);
        if (stated.isEmpty()) {
            return Optional.empty();
        }
        Optional<byte[]> compressed = landing.rejects(seal.id());
        if (compressed.isEmpty()) {
            throw new CorruptSegmentException(seal.id(), "the seal states rejects, they are not there");
        }
        byte[] csv = decompress(seal, compressed.get());
        if (!Digests.sha256(csv).equals(stated.get().sha256())) {
            throw new CorruptSegmentException(seal.id(), "the rejects are not those that were sealed");
        }
        return Optional.of(csv);
    }

    private static byte[] decompress(Seal seal, byte[] compressed) throws CorruptSegmentException {
        try {
            return Zstd.decompress(compressed);
        } catch (IOException e) {
            throw new CorruptSegmentException(seal.id(), String.valueOf(e.getMessage()));
        }
    }
}
