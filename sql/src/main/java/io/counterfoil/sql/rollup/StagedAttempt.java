package io.counterfoil.sql.rollup;

import java.io.Serializable;

/** What a task attempt says it staged; only accepted attempts' rows are merged, and only where the rows bear this out. */
public record StagedAttempt(int part, long attempt, long usageRows, long segmentRows, long rejectRows, StagedSums sums)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    public long requests() {
        return sums.requests();
    }
}
