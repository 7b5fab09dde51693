package io.counterfoil.sql.export;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A final invoice or credit, as people see it.
 *
 * @param kind invoice or credit
 * @param to where the period ends, exclusive
 * @param incompleteHours hours of the period whose log was not proven whole
 * @param credits the invoice that a credit takes back
 * @param seller a JSON object
 * @param buyer a JSON object
 */
public record ShownInvoice(
        long number,
        String kind,
        Instant from,
        Instant to,
        String currency,
        BigDecimal net,
        BigDecimal tax,
        BigDecimal total,
        Instant finalisedAt,
        int incompleteHours,
        Optional<Long> credits,
        Optional<String> reason,
        String seller,
        String buyer,
        List<Line> lines) {
    public ShownInvoice {
        lines = List.copyOf(lines);
    }

    /**
     * A line.
     *
     * @param kind charge, discount, minimum, adjustment, credit or tax
     * @param since hours that it bills, to {@code until}, exclusive; both or none
     * @param quantity of the measure; both or none
     * @param detail a JSON object
     */
    public record Line(
            int line,
            String kind,
            String name,
            Optional<String> plan,
            Optional<Integer> planVersion,
            Optional<Instant> since,
            Optional<Instant> until,
            Optional<String> measure,
            Optional<BigDecimal> quantity,
            Optional<Long> adjusts,
            String detail,
            BigDecimal amount) {}
}
