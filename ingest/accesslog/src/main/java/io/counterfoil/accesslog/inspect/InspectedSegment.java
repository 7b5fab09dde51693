package io.counterfoil.accesslog.inspect;

import io.counterfoil.accesslog.record.RecordCursor;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.seal.Seal;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * A segment as it was found, nothing of it verified.
 *
 * @param name where it was found
 * @param id as its seal, its place or its header says
 * @param csv its uncompressed bytes; of an active one up to its last whole line; never changed after construction
 * @param headerBytes where the records begin
 * @param seal empty where it is active, or lies without one
 * @param previous the seal of the segment before it in the stream, where that was found
 * @param stray of an active one, the first byte behind the log's end that is not zero
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
public record InspectedSegment(
        String name,
        SegmentId id,
        byte[] csv,
        int headerBytes,
        Optional<Seal> seal,
        Optional<Seal> previous,
        OptionalLong stray) {
    /** A walk over the records; a wrong one stops it. */
    public RecordCursor cursor() {
        return new RecordCursor(id, csv, headerBytes, csv.length);
    }
}
