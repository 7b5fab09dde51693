package io.counterfoil.sql.rollup;

import java.time.Instant;
import java.util.List;

/**
 * How a merge ended.
 *
 * @param committed false: another driver holds some of the planned segments, or the staged rows are gone; nothing was changed,
 *     plan anew
 * @param flags raised or brought up to date by it
 * @param overlapping why it was not: segments that hold sequence numbers of others; they are to be quarantined
 */
public record MergeResult(boolean committed, List<Flag> flags, List<SegmentKey> overlapping) {
    public static final MergeResult PLAN_ANEW = new MergeResult(false, List.of(), List.of());

    public MergeResult {
        flags = List.copyOf(flags);
        overlapping = List.copyOf(overlapping);
    }

    /** A key over a limit, as people read it; {@code limitText} as in {@code 100/hour}. */
    public record Flag(String label, String limitText, String action, long used, Instant resetsAt) {}
}
