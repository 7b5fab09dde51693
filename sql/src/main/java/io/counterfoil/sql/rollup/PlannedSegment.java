package io.counterfoil.sql.rollup;

/**
 * A segment of a batch's plan.
 *
 * @param sealJson its seal, as it lies in the landing
 */
public record PlannedSegment(SegmentKey segment, String sealJson) {}
