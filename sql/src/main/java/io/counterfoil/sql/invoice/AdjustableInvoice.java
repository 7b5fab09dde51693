package io.counterfoil.sql.invoice;

import java.math.BigDecimal;
import java.time.Instant;

/**
 * A final invoice to whose hours billable usage was added since.
 *
 * @param to exclusive
 * @param invoiced net, with the adjustments so far, without credits
 * @param hours a JSON array: each hour with what was added to it
 */
public record AdjustableInvoice(long number, InvoicedPeriod of, Instant to, BigDecimal invoiced, String hours) {}
