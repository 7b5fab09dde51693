package io.counterfoil.sql.rollup;

import java.io.Serializable;
import java.util.Optional;

/**
 * The verdict on one planned segment; what its seal says stands in the plan.
 *
 * @param quarantine empty: counted; else why nothing of it was used
 * @param counted records that went into the sums
 * @param rejected lines that are no request, before or in the segment
 */
public record StagedSegment(SegmentKey segment, Quarantine quarantine, long counted, long rejected)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Why a segment was not counted; empty text where it was. {@link Optional} cannot be serialized. */
    public record Quarantine(String reason) implements Serializable {
        private static final long serialVersionUID = 1L;

        public static final Quarantine NONE = new Quarantine("");

        public Optional<String> because() {
            return reason.isEmpty() ? Optional.empty() : Optional.of(reason);
        }
    }
}
