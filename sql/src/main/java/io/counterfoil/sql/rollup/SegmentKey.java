package io.counterfoil.sql.rollup;

import java.io.Serializable;

/**
 * A segment's name in the ledger.
 *
 * @param epoch in the text form that sorts as the epochs do
 */
public record SegmentKey(String edge, String epoch, int stream, long number) implements Serializable {
    @Override
    public String toString() {
        return edge + "/" + epoch + "/" + stream + "/" + number;
    }
}
