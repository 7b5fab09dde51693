package io.counterfoil.sql.invoice;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/**
 * What is to become final.
 *
 * @param to where the period ends, exclusive
 * @param sums of its lines
 * @param incompleteHours of those that it bills
 * @param buyer a JSON object
 */
public record NewInvoice(
        InvoiceKind kind,
        InvoicedPeriod of,
        Instant to,
        Sums sums,
        int incompleteHours,
        String buyer,
        List<InvoiceLine> lines) {
    /** @throws IllegalArgumentException where the lines do not add up */
    public NewInvoice {
        lines = List.copyOf(lines);
        BigDecimal sum = lines.stream().map(InvoiceLine::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
        if (sum.compareTo(sums.total()) != 0) {
            throw new IllegalArgumentException(
                    "the lines of account " + of.accountId() + " add up to " + sum + ", expected " + sums);
        }
    }

    /** In major units of its currency. */
    public record Sums(BigDecimal net, BigDecimal tax) {
        public BigDecimal total() {
            return net.add(tax);
        }
    }
}
