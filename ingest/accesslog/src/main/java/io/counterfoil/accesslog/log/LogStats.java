package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.seal.Unlogged;

/**
 * The state of a log at one moment, for metrics. Counts run from the log's opening; nothing here is per key.
 *
 * @param records acknowledged
 * @param logBytes of log lines, before compression
 * @param unsealedSegments rolled and not sealed yet; 0 or 1 a stream while sealing keeps up
 * @param waitingSegments sealed, and not confirmed by the landing yet
 * @param waitingBytes what those take on this disk
 * @param unlogged requests served without a record
 * @param forces of active segments, done in the background
 * @param failedForces each poisoned its segment
 * @param poisonedSegments given up because their file or mapping failed
 * @param quarantinedStreams that the landing holds with another content
 * @param landingDown whether the last attempt to ship failed
 * @param secondsSinceShipped since everything sealed was last found to be in the landing; up to a minute on an idle log
 * @param recoveredRecords of an earlier process, sealed when this log was opened
 * @param cutBytes of that process's unfinished appends
 */
public record LogStats(
        long records,
        long logBytes,
        int unsealedSegments,
        long waitingSegments,
        long waitingBytes,
        Unlogged unlogged,
        long forces,
        long forceNanos,
        long forceMaxNanos,
        long failedForces,
        long poisonedSegments,
        int quarantinedStreams,
        boolean landingDown,
        double secondsSinceShipped,
        long recoveredRecords,
        long cutBytes) {}
