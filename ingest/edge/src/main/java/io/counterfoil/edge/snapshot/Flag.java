package io.counterfoil.edge.snapshot;

import java.time.Instant;

/**
 * What a key or an account has used of one of its limits, where that is at least half.
 *
 * @param subjectId the key or the account, by the limit's scope
 * @param quota that holds for the subject
 * @param used what had been used at {@code asOf}
 * @param over all of the quota: the limit's action holds
 * @param windowStart the limit's window; the flag holds from here
 * @param resetsAt the window's end; the flag is void from here on, whether or not anyone says so
 */
public record Flag(
        long limitId,
        long subjectId,
        long quota,
        long used,
        boolean over,
        Instant windowStart,
        Instant asOf,
        Instant resetsAt) {

    /** Whether the flag holds at that time. */
    public boolean holdsAt(Instant now) {
        return !now.isBefore(windowStart) && now.isBefore(resetsAt);
    }

    boolean isOf(Flag other) {
        return limitId == other.limitId && subjectId == other.subjectId && windowStart.equals(other.windowStart);
    }
}
