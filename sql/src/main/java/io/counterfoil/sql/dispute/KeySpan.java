package io.counterfoil.sql.dispute;

import java.time.Instant;

/**
 * A key and the hours in which a version of a plan was in force for it.
 *
 * @param own by a subscription of its own; else by its account's
 * @param until exclusive
 */
public record KeySpan(long key, String label, long plan, boolean own, Instant since, Instant until) {
    /** Whether it was in force in that hour. */
    public boolean at(Instant hour) {
        return !hour.isBefore(since) && hour.isBefore(until);
    }
}
