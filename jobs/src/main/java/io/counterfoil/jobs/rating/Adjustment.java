package io.counterfoil.jobs.rating;

import java.math.BigDecimal;

/**
 * What an earlier period costs more, or less, than what was billed for it.
 *
 * @param name which period
 * @param amount net, in whole minor units of the currency
 */
public record Adjustment(String name, BigDecimal amount) {}
