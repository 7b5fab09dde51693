package io.counterfoil.accesslog.segment;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.record.CorruptRecordException;
import io.counterfoil.accesslog.record.RecordCursor;
import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.seal.RecordRange;
import io.counterfoil.accesslog.seal.Seal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A segment's uncompressed bytes that have been held against its seal: length, SHA-256, header, every line's form and CRC, the
 * sequence, the times and the count. There is no other way to get at a sealed segment's records.
 */
public final class VerifiedSegment {
    private final Seal seal;
    private final byte[] csv;
    private final int headerBytes;

    private VerifiedSegment(Seal seal, byte[] csv, int headerBytes) {
        this.seal = seal;
        this.csv = csv;
        this.headerBytes = headerBytes;
    }

    /** @throws CorruptSegmentException naming the first thing found wrong, with its byte position where it has one */
    public static VerifiedSegment verify(Seal seal, byte[] csv) throws CorruptSegmentException {
        return verify(seal, csv, at -> {});
    }

    /**
     * As {@link #verify(Seal, byte[])}, and shows each record on the way. What the visitor gathered must not be used before this
     * returns. Where it throws instead, walking the same bytes again shows the same records and throws the same.
     */
    public static VerifiedSegment verify(Seal seal, byte[] csv, RecordVisitor visitor) throws CorruptSegmentException {
        SegmentId id = seal.id();
        if (csv.length != seal.bytes()) {
            throw new CorruptSegmentException(id, csv.length + " bytes, the seal states " + seal.bytes());
        }
        String sha256 = Digests.sha256(csv);
        if (!sha256.equals(seal.sha256())) {
            throw new CorruptSegmentException(id, "sha256 is " + sha256 + ", the seal states " + seal.sha256());
        }
        byte[] header = RecordFormat.header(id);
        if (csv.length < header.length || !Arrays.equals(header, 0, header.length, csv, 0, header.length)) {
            throw new CorruptSegmentException(
                    id, "line 1 is not '" + new String(header, StandardCharsets.US_ASCII).strip() + "'");
        }
        VerifiedSegment segment = new VerifiedSegment(seal, csv, header.length);
        try {
            RecordRange found = segment.range(visitor);
            if (!found.equals(seal.records())) {
                throw new CorruptSegmentException(id, "holds " + found + ", the seal states " + seal.records());
            }
        } catch (CorruptRecordException e) {
            throw new CorruptSegmentException(id, e.getMessage() + " at byte " + e.bytePosition());
        }
        return segment;
    }

    private RecordRange range(RecordVisitor visitor) throws CorruptRecordException {
        RecordCursor cursor = cursor();
        // Only an edge's clock is held; the lines of an imported log may be out of order.
        boolean ordered = seal.source().isEmpty();
        long count = 0;
        long firstSeq = seal.records().firstSeq();
        long first = Long.MAX_VALUE;
        long last = 0;
        while (cursor.next()) {
            if (count == 0) {
                firstSeq = cursor.seq();
            }
            long ts = cursor.tsMicros();
            if (ordered && ts < last) {
                throw new CorruptRecordException("ts_us goes back from " + last + " to " + ts, cursor.linePosition());
            }
            first = Math.min(first, ts);
            last = Math.max(last, ts);
            count++;
            visitor.visit(cursor);
        }
        return count == 0
                ? RecordRange.empty(firstSeq)
                : new RecordRange(count, firstSeq, firstSeq + count - 1, first, last);
    }

    public Seal seal() {
        return seal;
    }

    /** A fresh walk over the records. */
    public RecordCursor cursor() {
        return new RecordCursor(seal.id(), csv, headerBytes, csv.length);
    }
}
