package io.counterfoil.jobs.rollup;

import io.counterfoil.sql.rollup.StagedReject;
import io.counterfoil.sql.rollup.StagedSegment;

import java.io.Serializable;
import java.util.List;

/**
 * What travels from the tasks that count to the one that stages.
 *
 * @param sums groups, as {@link UsageSums#blocks} wrote them
 * @param verdicts on segments whose groups may have gone elsewhere
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
record Portion(byte[] sums, List<Verdict> verdicts) implements Serializable {
    private static final long serialVersionUID = 1L;

    /** A segment's verdict and its rejects. */
    record Verdict(StagedSegment segment, List<StagedReject> rejects) implements Serializable {
        private static final long serialVersionUID = 1L;
    }
}
