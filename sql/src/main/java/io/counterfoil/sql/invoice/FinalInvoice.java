package io.counterfoil.sql.invoice;

import io.counterfoil.sql.hours.Decision;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A final invoice, or a credit of one, as it is stored.
 *
 * @param to where the period ends, exclusive
 * @param net of a credit below 0, as its tax
 * @param mergeNo control_version as it was finalised
 * @param decision who billed incomplete hours, or credited, and why
 * @param credits of a credit: the invoice's number
 * @param seller as it was then, a JSON object
 * @param buyer as it was then, a JSON object
 */
public record FinalInvoice(
        long number,
        InvoiceKind kind,
        InvoicedPeriod of,
        Instant to,
        BigDecimal net,
        BigDecimal tax,
        long mergeNo,
        Instant finalisedAt,
        Optional<Decision> decision,
        int incompleteHours,
        Optional<Long> credits,
        String seller,
        String buyer,
        List<FinalLine> lines) {
    public FinalInvoice {
        lines = List.copyOf(lines);
    }

    public BigDecimal total() {
        return net.add(tax);
    }

    /** Whether it takes back what an invoice billed. */
    public boolean isCredit() {
        return credits.isPresent();
    }

    /**
     * A credit of an invoice.
     *
     * @param net taken back, above 0, as tax
     */
    public record Credit(long number, BigDecimal net, BigDecimal tax, Decision decision) {}
}
