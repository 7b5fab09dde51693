package io.counterfoil.jobs.invoice;

import io.counterfoil.jobs.rating.RatedLine;
import io.counterfoil.sql.invoice.FinalInvoice;
import io.counterfoil.sql.invoice.FinalInvoice.Credit;
import io.counterfoil.sql.invoice.FinalLine;
import io.counterfoil.sql.invoice.LineQuery;
import io.counterfoil.sql.invoice.LineQuery.HourOfLine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A final invoice, recomputed.
 *
 * @param checks of the whole: lines that should be there, and sums
 * @param credits of it
 */
public record Explained(FinalInvoice invoice, List<Line> lines, List<Check> checks, List<Credit> credits) {
    public Explained {
        lines = List.copyOf(lines);
        checks = List.copyOf(checks);
        credits = List.copyOf(credits);
    }

    /**
     * A line.
     *
     * @param rated as it stands on the invoice
     * @param query that recomputes its quantity, and was run; where it has one
     * @param hours with usage
     */
    public record Line(
            FinalLine line, RatedLine rated, Optional<LineQuery> query, List<HourOfLine> hours, List<Check> checks) {
        public Line {
            hours = List.copyOf(hours);
            checks = List.copyOf(checks);
        }
    }

    /** What is not equal, each with its line; none: the invoice is what its usage and its plans give. */
    public List<String> faults() {
        List<String> faults = new ArrayList<>();
        for (Line line : lines) {
            line.checks().stream()
                    .filter(check -> !check.equal())
                    .forEach(check -> faults.add("line " + line.line().line() + " ("
                            + line.line().stored().name() + "): " + check.text()));
        }
        checks.stream().filter(check -> !check.equal()).forEach(check -> faults.add(check.text()));
        return faults;
    }
}
