package io.counterfoil.jobs.rating;

import java.math.BigDecimal;

/**
 * What a line bills.
 *
 * @param quantity used in the line's hours, in the measure
 * @param before used earlier in the period, from where tiers and included amounts went on; 0 where they began
 * @param billed after what is included, in {@code meter.per}; of packages, how many were started
 */
public record BilledUsage(Meter meter, BigDecimal quantity, BigDecimal before, Ratio billed) {}
