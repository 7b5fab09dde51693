package io.counterfoil.jobs.invoice;

import io.counterfoil.jobs.rating.Percent;
import io.counterfoil.jobs.rating.RatedLine;
import io.counterfoil.jobs.rating.RatedPeriod;
import io.counterfoil.jobs.rating.Routes;
import io.counterfoil.jobs.rating.Tax;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.invoice.FinalInvoice;
import io.counterfoil.sql.invoice.FinalInvoice.Credit;
import io.counterfoil.sql.invoice.FinalInvoices;
import io.counterfoil.sql.invoice.FinalLine;
import io.counterfoil.sql.invoice.LineQuery;
import io.counterfoil.sql.invoice.LineQuery.HourOfLine;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Recomputes a final invoice from what is counted now, less what was counted after it, by the plans as they are stored. Each line's
 * quantity is recomputed twice, by the SQL that is shown and by what drafts are made of; of amounts nothing is taken from the invoice.
 */
public final class ExplainJob {
    private final Jdbi jdbi;

    public ExplainJob(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Explains an invoice or a credit; all of one state of the database. It changes nothing.
     *
     * @throws OperatorException category INPUT where there is none of that number; CORRUPT where what was counted after it exceeds what is counted
     *     now
     */
    public Explained explain(long number) {
        return jdbi.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, handle -> {
            handle.execute("set transaction read only");
            FinalInvoices invoices = new FinalInvoices(handle);
            FinalInvoice invoice = invoices.require(number);
            return invoice.isCredit() ? credit(invoice, invoices) : invoice(handle, invoice, invoices);
        });
    }

    private static Explained invoice(Handle handle, FinalInvoice invoice, FinalInvoices invoices) {
        RatedAgain again = RatedAgain.of(handle, invoice, invoices);
        List<Explained.Line> lines = new ArrayList<>();
        for (FinalLine line : invoice.lines()) {
            lines.add(line(handle, invoice, line, again.take(line)));
        }
        List<Check> checks = new ArrayList<>();
        for (RatedLine missing : again.left()) {
            checks.add(Check.notOnInvoice("a line '" + missing.name() + "',", missing.amount()));
        }
        RatedPeriod rated = again.rated();
        checks.addAll(sums(invoice, rated.net(), rated.tax()));
        return new Explained(invoice, lines, checks, invoices.credits(invoice.number()));
    }

    private static List<Check> sums(FinalInvoice invoice, BigDecimal net, BigDecimal tax) {
        return List.of(
                Check.of("net", invoice.net(), net),
                Check.of("tax", invoice.tax(), tax),
                Check.of("total", invoice.total(), net.add(tax)),
                Check.of("sum of lines", invoice.total(), sumOfLines(invoice)));
    }

    private static BigDecimal sumOfLines(FinalInvoice invoice) {
        return invoice.lines().stream().map(line -> line.stored().amount()).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static Explained.Line line(
            Handle handle, FinalInvoice invoice, FinalLine line, Optional<RatedAgain.Line> again) {
        RatedLine rated = FinalLines.rated(line);
        List<Check> checks = new ArrayList<>();
        Optional<LineQuery> query = query(invoice, line, rated);
        List<HourOfLine> hours = query.map(each -> each.hours(handle)).orElse(List.of());
        query.ifPresent(each -> checks.add(
                Check.of("quantity", line.stored().billed().orElseThrow().quantity(), each.quantity(handle))));
        if (again.isEmpty()) {
            checks.add(Check.notRecomputed("amount", line.stored().amount()));
        } else {
            RatedLine other = again.get().line();
            other.usage()
                    .ifPresent(usage -> rated.usage()
                            .ifPresent(
                                    ours -> checks.add(Check.of("rated quantity", ours.quantity(), usage.quantity()))));
            line.stored()
                    .hours()
                    .ifPresent(ours -> again.get()
                            .within()
                            .ifPresent(within -> checks.add(Check.of(
                                    "hours",
                                    ours.since() + " to " + ours.until(),
                                    within.from() + " to " + within.to()))));
            if (!rated.parts().isEmpty() || !other.parts().isEmpty()) {
                checks.add(Check.of("tiers", tiers(rated), tiers(other)));
            }
            checks.add(Check.of("amount", line.stored().amount(), other.amount()));
        }
        return new Explained.Line(line, rated, query, hours, checks);
    }

    private static Optional<LineQuery> query(FinalInvoice invoice, FinalLine line, RatedLine rated) {
        return rated.usage().map(usage -> {
            Routes routes = usage.meter().routes();
            return new LineQuery(
                    usage.meter().measure().text(),
                    invoice.of().accountId(),
                    line.stored().plan().orElseThrow(),
                    line.stored().key(),
                    line.stored().hours().orElseThrow(),
                    new LineQuery.CountedRoutes(routes.only(), routes.except()),
                    invoice.mergeNo());
        });
    }

    /** Each tier's quantity and price, exact. */
    private static String tiers(RatedLine line) {
        return line.parts().stream()
                .map(part -> part.quantity().fraction() + " × " + part.unit().text()
                        + (part.flat().isZero() ? "" : " + " + part.flat().text()))
                .reduce((a, b) -> a + ", " + b)
                .orElse("");
    }

    /** From the invoice and the credits before it. */
    private static Explained credit(FinalInvoice credit, FinalInvoices invoices) {
        FinalInvoice of = invoices.require(credit.credits().orElseThrow());
        BigDecimal leftNet = of.net();
        BigDecimal leftTax = of.tax();
        for (Credit before : invoices.credits(of.number())) {
            if (before.number() < credit.number()) {
                leftNet = leftNet.subtract(before.net());
                leftTax = leftTax.subtract(before.tax());
            }
        }
        Optional<Percent> percent = Taxes.of(Buyers.of(of)).map(Tax::percent);
        CreditSum sum = CreditSum.of(credit.net().negate(), leftNet, leftTax, percent);
        List<Explained.Line> lines = new ArrayList<>();
        for (FinalLine line : credit.lines()) {
            RatedLine rated = FinalLines.rated(line);
            BigDecimal amount = rated.kind() == RatedLine.Kind.TAX ? sum.tax() : sum.net();
            lines.add(new Explained.Line(
                    line,
                    rated,
                    Optional.empty(),
                    List.of(),
                    List.of(Check.of("amount", line.stored().amount(), amount.negate()))));
        }
        List<Check> checks =
                new ArrayList<>(sums(credit, sum.net().negate(), sum.tax().negate()));
        boolean within = sum.net().compareTo(leftNet) <= 0 && sum.tax().compareTo(leftTax) <= 0;
        checks.add(new Check(
                "at most what was left of invoice " + of.number() + ", net",
                sum.net().toPlainString(),
                leftNet.toPlainString(),
                within));
        return new Explained(credit, lines, checks, List.of());
    }
}
