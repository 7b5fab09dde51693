package io.counterfoil.sql.invoice;

import java.math.BigDecimal;
import java.time.Instant;

/**
 * A final invoice to whose hours billable usage was added since.
 *
 * @param to exclusive
 * @param invoiced net, with the adjustments so far, without credits
 * @param credited net, of the invoice; 0 or more
 * @param hours a JSON array: each hour with what was added to it
 */
public record AdjustableInvoice(
        long number, InvoicedPeriod of, Instant to, BigDecimal invoiced, BigDecimal credited, String hours) {}
