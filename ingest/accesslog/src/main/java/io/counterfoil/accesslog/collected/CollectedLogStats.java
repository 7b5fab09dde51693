package io.counterfoil.accesslog.collected;

/**
 * The state of a collector's log at one moment, for metrics. Counts run from its opening.
 *
 * @param batches taken
 * @param duplicates posted again, and not taken
 * @param records of the batches, held ones among them
 * @param rejects lines that were no record
 * @param held records that wait for their key now
 * @param failedForces each gave up what had not been forced; nobody had been told that it was taken
 * @param waitingSegments sealed, and not confirmed by the landing yet
 * @param waitingBytes what those take on this disk
 * @param maxSkewMicros the largest difference between a sender's clock and ours, of batches taken; without its sign
 */
public record CollectedLogStats(
        long batches,
        long duplicates,
        long records,
        long rejects,
        long held,
        long failedForces,
        long waitingSegments,
        long waitingBytes,
        long maxSkewMicros) {}
