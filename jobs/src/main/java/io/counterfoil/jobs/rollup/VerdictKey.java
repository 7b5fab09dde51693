package io.counterfoil.jobs.rollup;

import io.counterfoil.sql.rollup.SegmentKey;

/** One planned segment. */
record VerdictKey(SegmentKey segment) implements StagingKey {
    private static final long serialVersionUID = 1L;

    @Override
    public int hashCode() {
        return segment.toString().hashCode();
    }
}
