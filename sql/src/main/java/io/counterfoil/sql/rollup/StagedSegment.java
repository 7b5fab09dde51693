package io.counterfoil.sql.rollup;

import java.io.Serializable;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The verdict on one planned segment; what its seal says stands in the plan.
 *
 * @param quarantine empty: counted; else why nothing of it was used
 * @param counted records that went into the sums
 * @param rejected lines that are no request, before or in the segment
 * @param hours of a source's segment, how many of the counted records are in which hour, in Unix seconds; of an edge's, empty
 */
public record StagedSegment(
        SegmentKey segment, Quarantine quarantine, long counted, long rejected, SortedMap<Long, Long> hours)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    public StagedSegment {
        hours = new TreeMap<>(hours);
    }

    /** Of an edge. */
    public StagedSegment(SegmentKey segment, Quarantine quarantine, long counted, long rejected) {
        this(segment, quarantine, counted, rejected, new TreeMap<>());
    }

    /** Why a segment was not counted; empty text where it was. {@link Optional} cannot be serialized. */
    public record Quarantine(String reason) implements Serializable {
        private static final long serialVersionUID = 1L;

        public static final Quarantine NONE = new Quarantine("");

        public Optional<String> because() {
            return reason.isEmpty() ? Optional.empty() : Optional.of(reason);
        }
    }
}
