package io.counterfoil.accesslog.landing;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.segment.CorruptSegmentException;
import io.counterfoil.accesslog.segment.VerifiedSegment;

import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Puts another copy of a segment's data into a landing, from an edge's disk or a backup, where what lies under its name is not what
 * was sealed. The landing's own object stays as it is: the copy has a name of its own, {@link LandingLayout#repair}.
 */
public final class SegmentRepair {
    private static final byte[] ZSTD_FRAME = {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD};

    private SegmentRepair() {}

    /**
     * Publishes the copy under the first free name, once: where an equal copy is there already, nothing is written.
     *
     * @param file the whole segment, line 1 included, as it is or compressed with zstd; what lies behind the bytes that the seal
     *     states, as the zeros of a segment that was not cut yet, is left out
     * @return its number
     * @throws CorruptSegmentException where it is not what was sealed; nothing was written
     * @throws IOException where the landing cannot be read or written; try again
     */
    public static int publish(Landing landing, Seal seal, byte[] file) throws IOException, CorruptSegmentException {
        byte[] csv = uncompressed(seal, file);
        VerifiedSegment.verify(seal, csv);
        byte[] data = Zstd.compress(csv);
        for (int n = 1; ; n++) {
            if (landing.createRepair(seal.id(), n, data) || isThere(landing, seal, n)) {
                return n;
            }
        }
    }

    private static byte[] uncompressed(Seal seal, byte[] file) throws CorruptSegmentException {
        byte[] csv = file;
        if (Arrays.equals(file, 0, Math.min(4, file.length), ZSTD_FRAME, 0, 4)) {
            try {
                csv = Zstd.decompress(file);
            } catch (IOException e) {
                throw new CorruptSegmentException(seal.id(), String.valueOf(e.getMessage()));
            }
        }
        return csv.length > seal.bytes() ? Arrays.copyOf(csv, (int) seal.bytes()) : csv;
    }

    private static boolean isThere(Landing landing, Seal seal, int n) throws IOException {
        return landing.repair(seal.id(), n)
                .flatMap(there -> ifSealed(seal, there))
                .isPresent();
    }

    /** Uncompressed; empty where it is not what was sealed: a copy that was damaged, the one behind it may be better. */
    static Optional<byte[]> ifSealed(Seal seal, byte[] compressed) {
        try {
            byte[] csv = Zstd.decompress(compressed);
            return csv.length == seal.bytes() && Digests.sha256(csv).equals(seal.sha256())
                    ? Optional.of(csv)
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
