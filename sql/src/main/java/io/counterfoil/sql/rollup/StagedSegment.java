package io.counterfoil.sql.rollup;

import java.io.Serializable;
import java.util.Optional;

/**
 * The verdict on one planned segment.
 *
 * @param quarantine empty: counted; else why nothing of it was used
 * @param counted records that went into the sums
 * @param rejected lines that are no request, before or in the segment
 */
public record StagedSegment(
        SegmentKey segment,
        Quarantine quarantine,
        long firstSeq,
        long lastSeq,
        long counted,
        long rejected,
        long firstMicros,
        long lastMicros,
        long throughMicros,
        boolean endOfStream,
        String sha256)
        implements Serializable {
    /** Why a segment was not counted; empty text where it was. {@link Optional} cannot be serialized. */
    public record Quarantine(String reason) implements Serializable {
        public static final Quarantine NONE = new Quarantine("");

        public Optional<String> because() {
            return reason.isEmpty() ? Optional.empty() : Optional.of(reason);
        }
    }
}
