package io.counterfoil.sql.invoice;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Optional;

/**
 * A line, as it is stored.
 *
 * @param kind charge, discount, minimum, adjustment, credit or tax
 * @param plan the version's number
 * @param key by whose own subscription
 * @param hours that it bills
 * @param billed what it counts
 * @param adjusts the invoice whose period was rated anew
 * @param detail a JSON object
 */
public record InvoiceLine(
        String kind,
        String name,
        Optional<Long> plan,
        Optional<Long> key,
        Optional<Hours> hours,
        Optional<Billed> billed,
        Optional<Long> adjusts,
        String detail,
        BigDecimal amount) {
    /** From since to until, exclusive. */
    public record Hours(Instant since, Instant until) {}

    /** A quantity of requests, units or bytes_out. */
    public record Billed(String measure, BigDecimal quantity) {}
}
