package io.counterfoil.jobs.invoice;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.jobs.rating.RatedLine;
import io.counterfoil.jobs.rating.Ratio;
import io.counterfoil.jobs.rating.Tax;
import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.invoice.FinalInvoice;
import io.counterfoil.sql.invoice.FinalInvoice.Credit;
import io.counterfoil.sql.invoice.FinalInvoices;
import io.counterfoil.sql.invoice.InvoiceKind;
import io.counterfoil.sql.invoice.InvoiceLine;
import io.counterfoil.sql.invoice.InvoiceStore;
import io.counterfoil.sql.invoice.NewInvoice;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Takes back what a final invoice billed, all of it or a part, by a credit with the next number. */
public final class CreditJob {
    private final Jdbi jdbi;

    public CreditJob(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Credits an invoice, in one transaction.
     *
     * @param amount net, in the invoice's currency; empty: all that is left, net and tax
     * @throws OperatorException category INPUT where the number is no invoice's, or that much is not left
     */
    public Credited credit(long number, Optional<BigDecimal> amount, Decision decision) {
        return jdbi.inTransaction(TransactionIsolationLevel.READ_COMMITTED, handle -> {
            // First of all: two credits of one invoice see one another.
            long version = ControlVersion.next(handle);
            return credit(handle, version, number, amount, decision);
        });
    }

    private static Credited credit(
            Handle handle, long version, long number, Optional<BigDecimal> amount, Decision decision) {
        FinalInvoices invoices = new FinalInvoices(handle);
        FinalInvoice invoice = invoices.require(number);
        invoice.credits().ifPresent(of -> {
            throw OperatorException.input("invoice " + number + " is a credit of invoice " + of
                    + ", expected an invoice: a credit cannot be credited; what it took back is billed again by hand");
        });
        List<Credit> before = invoices.credits(number);
        BigDecimal leftNet =
                invoice.net().subtract(sum(before.stream().map(Credit::net).toList()));
        BigDecimal leftTax =
                invoice.tax().subtract(sum(before.stream().map(Credit::tax).toList()));
        if (leftNet.signum() <= 0) {
            throw OperatorException.input("of invoice " + number + " " + leftNet + " "
                    + invoice.of().currency() + " net is left to credit, expected above 0; of its " + invoice.net()
                    + " "
                    + credited(before) + " credited");
        }
        Optional<Tax> tax = Taxes.of(Buyers.of(invoice));
        BigDecimal net =
                amount.map(each -> checked(each, invoice, leftNet, before)).orElse(leftNet);
        CreditSum sum = CreditSum.of(net, leftNet, leftTax, tax.map(Tax::percent));
        List<InvoiceLine> lines = new ArrayList<>();
        ObjectNode detail = JsonNodeFactory.instance
                .objectNode()
                .put("invoice", number)
                .put("invoiced", invoice.net().toPlainString())
                .put("left", leftNet.toPlainString());
        lines.add(line(RatedLine.Kind.CREDIT, "credit of invoice " + number, detail, Ratio.of(sum.net()), sum.net()));
        tax.ifPresent(each -> lines.add(line(
                RatedLine.Kind.TAX,
                each.name() + " " + each.percent().text(),
                JsonNodeFactory.instance.objectNode(),
                sum.exactTax(),
                sum.tax())));
        NewInvoice credit = new NewInvoice(
                InvoiceKind.CREDIT,
                invoice.of(),
                invoice.to(),
                new NewInvoice.Sums(sum.net().negate(), sum.tax().negate()),
                0,
                invoice.buyer(),
                lines);
        long given = new InvoiceStore(handle, version)
                .insertCredit(credit, number, new InvoiceStore.Finalising(decision.at(), Optional.of(decision)));
        return new Credited(
                given,
                number,
                invoice.of().currency(),
                sum.net(),
                sum.tax(),
                leftNet.subtract(sum.net()),
                leftTax.subtract(sum.tax()));
    }

    private static BigDecimal checked(BigDecimal amount, FinalInvoice invoice, BigDecimal left, List<Credit> before) {
        if (amount.signum() <= 0 || amount.stripTrailingZeros().scale() > left.scale()) {
            throw OperatorException.input("--amount is '" + amount.toPlainString() + "', expected above 0 with up to "
                    + left.scale() + " decimals, in " + invoice.of().currency());
        }
        if (amount.compareTo(left) > 0) {
            throw OperatorException.input("--amount is '" + amount.toPlainString() + "', expected at most "
                    + left.toPlainString() + " " + invoice.of().currency() + ", what is left of invoice "
                    + invoice.number() + ": of its net " + invoice.net().toPlainString() + " " + credited(before)
                    + " credited");
        }
        return amount.setScale(left.scale());
    }

    private static String credited(List<Credit> before) {
        return before.isEmpty()
                ? "nothing is"
                : sum(before.stream().map(Credit::net).toList()).toPlainString() + " is";
    }

    private static BigDecimal sum(List<BigDecimal> amounts) {
        return amounts.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static InvoiceLine line(
            RatedLine.Kind kind, String name, ObjectNode detail, Ratio exact, BigDecimal amount) {
        return new InvoiceLine(
                kind.text(),
                name,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                detail.put("exact", exact.negated().fraction()).toString(),
                amount.negate());
    }
}
