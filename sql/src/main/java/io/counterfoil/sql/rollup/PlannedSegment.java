package io.counterfoil.sql.rollup;

import java.util.OptionalLong;

/**
 * A segment of a batch's plan.
 *
 * @param sealJson its seal, as it lies in the landing
 * @param repairId which second look at it this is; empty: the first one
 */
public record PlannedSegment(SegmentKey segment, String sealJson, OptionalLong repairId) {}
