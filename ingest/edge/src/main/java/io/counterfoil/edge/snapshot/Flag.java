package io.counterfoil.edge.snapshot;

import java.time.Instant;

/**
 * A key over one of its limits.
 *
 * @param limit as people write it: {@code 100/hour}
 * @param used what had been used at {@code asOf}
 * @param windowStart the limit's window; the flag holds from here
 * @param resetsAt the window's end; the flag is void from here on, whether or not anyone says so
 */
public record Flag(
        long limitId,
        long keyId,
        String limit,
        FlagAction action,
        long quota,
        long used,
        Instant windowStart,
        Instant asOf,
        Instant resetsAt) {

    /** Whether the flag holds at that time. */
    public boolean holdsAt(Instant now) {
        return !now.isBefore(windowStart) && now.isBefore(resetsAt);
    }

    /** The limit's window: {@code hour}, {@code day} or {@code period}. */
    public String window() {
        return limit.substring(limit.indexOf('/') + 1);
    }

    boolean isOf(Flag other) {
        return limitId == other.limitId && keyId == other.keyId && windowStart.equals(other.windowStart);
    }
}
