package io.counterfoil.sql.rollup;

import java.io.Serializable;

/** Sums over staged usage rows: what holds a row that is lost, doubled or changed against what was meant to be there. */
public record StagedSums(long requests, long units, long bytesIn, long bytesOut, long durationMicros)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    public static final StagedSums NONE = new StagedSums(0, 0, 0, 0, 0);

    public StagedSums plus(StagedSums other) {
        return new StagedSums(
                requests + other.requests,
                units + other.units,
                bytesIn + other.bytesIn,
                bytesOut + other.bytesOut,
                durationMicros + other.durationMicros);
    }
}
