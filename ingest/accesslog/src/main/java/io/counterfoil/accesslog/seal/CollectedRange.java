package io.counterfoil.accesslog.seal;

import java.util.List;

/**
 * Of a segment whose records were posted to a collector: which batches they came in, so that no batch counts twice and a missing
 * one shows.
 *
 * @param batches whole ones, in runs without holes; of an instance there may be several
 * @param skewMicros the largest difference between a sender's clock and the collector's; negative: the sender is behind
 * @param held records that wait for their key, added by the segment's batches, less those that stopped waiting and are in it
 */
public record CollectedRange(List<Batches> batches, long skewMicros, long held) {
    public CollectedRange {
        batches = List.copyOf(batches);
    }

    /** A run of an instance's batches, from the first number to the last. */
    public record Batches(String instance, long first, long last) {
        public Batches {
            if (first < 1 || last < first) {
                throw new IllegalArgumentException(
                        "batches " + first + " to " + last + " of " + instance + " are none");
            }
        }
    }
}
