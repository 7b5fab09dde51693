package io.counterfoil.sql.invoice;

import java.time.Instant;

/**
 * What a final invoice is of, at most one each.
 *
 * @param interval as plans say it: monthly, quarterly, yearly
 * @param currency by its ISO 4217 code
 * @param from where the period begins
 */
public record InvoicedPeriod(long accountId, String interval, int anchorDay, String currency, Instant from) {}
