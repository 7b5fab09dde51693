package io.counterfoil.sql.rollup;

import java.io.Serializable;

/** What a task attempt says it staged; only accepted attempts' rows are merged, and only where the rows bear this out. */
public record StagedAttempt(int part, long attempt, long usageRows, long segmentRows, long rejectRows, long requests)
        implements Serializable {}
