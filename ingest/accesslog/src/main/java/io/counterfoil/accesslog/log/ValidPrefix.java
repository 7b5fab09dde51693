package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.record.CorruptRecordException;
import io.counterfoil.accesslog.record.RecordCursor;
import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.seal.RecordRange;

import java.util.Arrays;

/**
 * How much of a segment's file is what was appended: line 1 and whole records in sequence.
 *
 * @param bytes its length; 0 where not even line 1 is there
 */
record ValidPrefix(RecordRange records, int bytes) {
    /**
     * Up to the first line that is none. Its first record may be later than expected where one before it was lost.
     *
     * @param length of what the file gave
     * @param nextSeq the first record's, where nothing was lost before it
     */
    static ValidPrefix of(SegmentId id, byte[] file, int length, long nextSeq) {
        return of(id, file, length, nextSeq, Long.MAX_VALUE);
    }

    /** @param lastSeq records behind it were stored, but not acknowledged, and are another segment's */
    static ValidPrefix of(SegmentId id, byte[] file, int length, long nextSeq, long lastSeq) {
        byte[] header = RecordFormat.header(id);
        if (length < header.length || !Arrays.equals(header, 0, header.length, file, 0, header.length)) {
            return new ValidPrefix(RecordRange.empty(nextSeq), 0);
        }
        RecordCursor cursor = new RecordCursor(id, file, header.length, length);
        long count = 0;
        long firstSeq = nextSeq;
        long first = 0;
        long last = 0;
        int end = header.length;
        try {
            while (cursor.next() && cursor.seq() <= lastSeq) {
                end = cursor.position();
                last = cursor.tsMicros();
                if (count == 0) {
                    firstSeq = cursor.seq();
                    first = last;
                }
                count++;
            }
        } catch (CorruptRecordException e) {
            // The end of what was appended: zeros, or an append that was cut short.
        }
        RecordRange records = count == 0
                ? RecordRange.empty(nextSeq)
                : new RecordRange(count, firstSeq, firstSeq + count - 1, first, last);
        return new ValidPrefix(records, end);
    }
}
