package io.counterfoil.sql.invoice;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/**
 * What is to become final.
 *
 * @param to where the period ends, exclusive
 * @param incompleteHours of those that it bills
 * @param buyer a JSON object
 */
public record NewInvoice(
        InvoicedPeriod of,
        Instant to,
        BigDecimal net,
        BigDecimal tax,
        int incompleteHours,
        String buyer,
        List<InvoiceLine> lines) {
    /** @throws IllegalArgumentException where the lines do not add up */
    public NewInvoice {
        lines = List.copyOf(lines);
        BigDecimal sum = lines.stream().map(InvoiceLine::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
        if (sum.compareTo(net.add(tax)) != 0) {
            throw new IllegalArgumentException(
                    "the lines of account " + of.accountId() + " add up to " + sum + ", expected " + net + " + " + tax);
        }
    }
}
