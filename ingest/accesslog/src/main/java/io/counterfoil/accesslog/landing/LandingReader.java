package io.counterfoil.accesslog.landing;

import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What there is to read in a landing. Thread-safe. */
public interface LandingReader {
    /** Every stream that has an object in this landing, sorted. */
    List<StreamId> streams() throws IOException;

    /**
     * The stream's seals whose number is above a mark, by number, at most {@code limit} of them. What it costs does not grow
     * with what lies below the mark.
     */
    List<Seal> sealsAfter(StreamId stream, long mark, int limit) throws IOException;

    /**
     * A segment's seal.
     *
     * @throws IOException where it cannot be read, also where it is not there
     */
    Seal seal(SegmentId id) throws IOException;

    /** A segment's data, compressed; empty where it is not there. */
    Optional<byte[]> data(SegmentId id) throws IOException;

    /** A segment's rejects, compressed; empty where it has none. */
    Optional<byte[]> rejects(SegmentId id) throws IOException;

    /** The n-th other copy of a segment's data, compressed, n from 1 on; empty where there are not so many. */
    Optional<byte[]> repair(SegmentId id, int n) throws IOException;
}
