package io.counterfoil.sql.invoice;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.SqlFile;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.invoice.FinalInvoice.Credit;
import org.jdbi.v3.core.Handle;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import static io.counterfoil.sql.invoice.BillingRows.instant;

/** Reads final invoices and credits, in its caller's transaction. */
public final class FinalInvoices {
    private static final String INVOICE = SqlFile.read("invoice/final.sql");
    private static final String LINES = SqlFile.read("invoice/final-lines.sql");
    private static final String CREDITS = SqlFile.read("invoice/credits-of.sql");
    private static final String INVOICED_BEFORE = SqlFile.read("invoice/invoiced-before.sql");

    private final Handle handle;

    public FinalInvoices(Handle handle) {
        this.handle = handle;
    }

    /** @throws OperatorException category INPUT where there is none of that number */
    public FinalInvoice require(long number) {
        return handle.createQuery(INVOICE)
                .bind("number", number)
                .map((row, context) -> invoice(row, lines(number)))
                .findOne()
                .orElseThrow(() -> OperatorException.input("invoice is '" + number
                        + "', expected the number of a final invoice or credit; they are: counterfoil invoice list"));
    }

    private List<FinalLine> lines(long number) {
        return handle.createQuery(LINES)
                .bind("number", number)
                .map((row, context) -> line(row))
                .list();
    }

    /** Of an invoice, by number. */
    public List<Credit> credits(long number) {
        return handle.createQuery(CREDITS)
                .bind("number", number)
                .map((row, context) -> new Credit(
                        row.getLong("number"),
                        row.getBigDecimal("net"),
                        row.getBigDecimal("tax"),
                        new Decision(row.getString("actor"), row.getString("reason"), instant(row, "finalised_at"))))
                .list();
    }

    /** What was invoiced for an invoice's period, net, up to before a later one: without credits. */
    public BigDecimal invoicedBefore(long number, long before) {
        return handle.createQuery(INVOICED_BEFORE)
                .bind("number", number)
                .bind("before", before)
                .mapTo(BigDecimal.class)
                .one();
    }

    private static FinalInvoice invoice(ResultSet row, List<FinalLine> lines) throws SQLException {
        Instant at = instant(row, "finalised_at");
        String reason = row.getString("reason");
        return new FinalInvoice(
                row.getLong("number"),
                InvoiceKind.named(row.getString("kind")),
                BillingRows.invoicedPeriod(row),
                instant(row, "period_to"),
                row.getBigDecimal("net"),
                row.getBigDecimal("tax"),
                row.getLong("merge_no"),
                at,
                Optional.ofNullable(row.getString("actor")).map(actor -> new Decision(actor, reason, at)),
                row.getInt("incomplete_hours"),
                number(row, "credits"),
                row.getString("seller"),
                row.getString("buyer"),
                lines);
    }

    private static FinalLine line(ResultSet row) throws SQLException {
        int version = row.getInt("version");
        Optional<InvoiceLine.Hours> hours = row.getString("since") == null
                ? Optional.empty()
                : Optional.of(new InvoiceLine.Hours(instant(row, "since"), instant(row, "until")));
        BigDecimal quantity = row.getBigDecimal("quantity");
        return new FinalLine(
                row.getInt("line"),
                Optional.ofNullable(row.getString("plan")).map(name -> new FinalLine.PlanName(name, version)),
                Optional.ofNullable(row.getString("label")),
                new InvoiceLine(
                        row.getString("kind"),
                        row.getString("name"),
                        number(row, "plan_id"),
                        number(row, "key_id"),
                        hours,
                        Optional.ofNullable(row.getString("measure"))
                                .map(measure -> new InvoiceLine.Billed(measure, quantity)),
                        number(row, "adjusts"),
                        row.getString("detail"),
                        row.getBigDecimal("amount")));
    }

    private static Optional<Long> number(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(value);
    }
}
