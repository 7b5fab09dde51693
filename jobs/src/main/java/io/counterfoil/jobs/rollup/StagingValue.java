package io.counterfoil.jobs.rollup;

import io.counterfoil.sql.rollup.StagedReject;
import io.counterfoil.sql.rollup.StagedSegment;

import java.io.Serializable;
import java.util.List;

/** What travels under a {@link StagingKey}. */
sealed interface StagingValue extends Serializable {
    /** Sums under a {@link UsageKey}. */
    record Sums(long requests, long units, long bytesIn, long bytesOut, long durationMicros) implements StagingValue {
        private static final long serialVersionUID = 1L;

        Sums plus(Sums other) {
            return new Sums(
                    requests + other.requests,
                    units + other.units,
                    bytesIn + other.bytesIn,
                    bytesOut + other.bytesOut,
                    durationMicros + other.durationMicros);
        }
    }

    /** A segment's verdict and its rejects, under a {@link VerdictKey}. */
    record Verdict(StagedSegment segment, List<StagedReject> rejects) implements StagingValue {
        private static final long serialVersionUID = 1L;
    }
}
