package io.counterfoil.accesslog.collected;

import io.counterfoil.accesslog.record.RequestFacts;

import java.util.List;
import java.util.Optional;

/**
 * What a source posted at once; taken whole or not at all.
 *
 * @param skewMicros how far the sender's clock is ahead of ours, as far as can be told; negative: behind
 */
public record CollectedBatch(BatchId id, long skewMicros, List<CollectedRecord> records, List<Reject> rejects) {
    public CollectedBatch {
        records = List.copyOf(records);
        rejects = List.copyOf(rejects);
    }

    /**
     * A record as its source tells it.
     *
     * @param line of the batch, from 1
     * @param tsMicros when the request ended, by the source's clock
     * @param keySha256 of the key's text, 64 hex digits in lower case; empty where the request carried none
     * @param facts without a key's number, which the collector knows
     */
    public record CollectedRecord(int line, long tsMicros, Optional<String> keySha256, RequestFacts facts) {}

    /**
     * A line that is no record.
     *
     * @param line of the batch, from 1
     * @param bytes its length
     * @param reason never quotes the line: a key may stand anywhere in it
     */
    public record Reject(int line, int bytes, String reason) {
        public Reject {
            if (reason.chars().anyMatch(c -> c < ' ')) {
                throw new IllegalArgumentException("a reason is one line of text");
            }
        }
    }
}
