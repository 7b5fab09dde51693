package io.counterfoil.accesslog.seal;

import io.counterfoil.accesslog.record.Epoch;

import java.util.List;

/**
 * The edge's epoch before this one.
 *
 * @param lastSeqs by stream: the last sequence number it reached, 0 where the stream held no record
 */
public record Predecessor(Epoch epoch, List<Long> lastSeqs) {
    public Predecessor {
        lastSeqs = List.copyOf(lastSeqs);
    }
}
