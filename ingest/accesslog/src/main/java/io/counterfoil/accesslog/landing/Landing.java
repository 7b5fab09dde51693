package io.counterfoil.accesslog.landing;

import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.seal.Seal;

import java.io.IOException;
import java.util.Optional;

/**
 * Where sealed segments lie for good. Objects are created, never changed. Thread-safe; any number of processes may publish and
 * read at once.
 */
public interface Landing extends LandingReader {
    /**
     * Publishes a segment: data first, rejects, seal last, each created only where its name is free. Publishing the same segment
     * again does nothing, so an interrupted publish is simply repeated.
     *
     * @param data the whole segment, line 1 included, compressed with zstd
     * @param rejects the segment's rejects, compressed with zstd, exactly where the seal states some
     * @throws LandingConflictException where another content lies under one of the names
     * @throws IOException where the landing cannot be reached or written; try again
     */
    void publish(Seal seal, byte[] data, Optional<byte[]> rejects) throws IOException, LandingConflictException;

    /**
     * Creates the n-th other copy of a segment's data; {@link SegmentRepair} says when.
     *
     * @return false: that name is taken, nothing was changed
     */
    boolean createRepair(SegmentId id, int n, byte[] data) throws IOException;

    /**
     * Removes what lies under a segment's name without a seal, which nobody may have read. Only for the one writer of that stream,
     * where it no longer knows what it was about to publish.
     */
    void discardUnsealed(SegmentId id) throws IOException;

    /**
     * Binds the landing to the database whose key numbers its records carry, where it is bound to none yet.
     *
     * @return the database it is bound to
     */
    String bind(String database) throws IOException;
}
