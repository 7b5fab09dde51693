package io.counterfoil.jobs.invoice;

import java.math.BigDecimal;

/**
 * A credit that became final.
 *
 * @param number its own
 * @param invoice whose amount it takes back
 * @param net taken back, above 0, as tax
 * @param leftNet what is left of the invoice
 */
public record Credited(
        long number,
        long invoice,
        String currency,
        BigDecimal net,
        BigDecimal tax,
        BigDecimal leftNet,
        BigDecimal leftTax) {}
