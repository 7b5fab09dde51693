package io.counterfoil.sql.invoice;

import java.math.BigDecimal;

/** Billable usage of a route in a {@link BilledSegment}. Exact: sums may be beyond 2^63. */
public record SegmentUsage(
        int bill, int segment, String route, BigDecimal requests, BigDecimal units, BigDecimal bytesOut) {}
