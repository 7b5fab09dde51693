package io.counterfoil.sql.invoice;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.SqlFile;
import io.counterfoil.sql.hours.Decision;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyOutputStream;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Writes final invoices and credits: each whole, with the next numbers, under control_version, which its caller took. */
public final class InvoiceStore {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final String INVOICE = "copy invoice (number, kind, account_id, period_interval, anchor_day,"
            + " period_from, period_to, currency, net, tax, total, lines, merge_no, finalised_at, actor, reason,"
            + " incomplete_hours, credits, seller, buyer) from stdin (format csv)";
    private static final String LINE = "copy invoice_line (number, line, kind, name, plan_id, key_id, since, until,"
            + " measure, quantity, adjusts, detail, amount) from stdin (format csv)";
    private static final String SELLER = SqlFile.read("invoice/seller.sql");

    private final Handle handle;
    private final long version;

    /** @param version as control_version was taken in the handle's transaction */
    public InvoiceStore(Handle handle, long version) {
        this.handle = handle;
        this.version = version;
    }

    /**
     * When, and who decided.
     *
     * @param override who says to bill incomplete hours, or to credit, and why; kept where there are such
     */
    public record Finalising(Instant at, Optional<Decision> override) {}

    /**
     * Makes them final, in this order, with the next numbers.
     *
     * @return the first one's number
     */
    public long insert(List<NewInvoice> invoices, Finalising finalising) {
        return insert(invoices, Optional.empty(), finalising);
    }

    /**
     * Takes back a part of a final invoice, or all of it.
     *
     * @param credit with lines below 0
     * @return its number
     */
    public long insertCredit(NewInvoice credit, long credited, Finalising finalising) {
        return insert(List.of(credit), Optional.of(credited), finalising);
    }

    private long insert(List<NewInvoice> invoices, Optional<Long> credits, Finalising finalising) {
        // Nobody else gives numbers while this transaction has control_version.
        long first = handle.createQuery("select coalesce(max(number), 0) + 1 from invoice")
                .mapTo(Long.class)
                .one();
        String seller = seller();
        copy(INVOICE, out -> {
            long number = first;
            for (NewInvoice invoice : invoices) {
                invoice(out, number++, invoice, credits, finalising, seller);
            }
        });
        copy(LINE, out -> {
            long number = first;
            for (NewInvoice invoice : invoices) {
                int line = 1;
                for (InvoiceLine each : invoice.lines()) {
                    line(out, number, line++, each);
                }
                number++;
            }
        });
        return first;
    }

    /** @throws OperatorException category INPUT where nobody sells */
    private String seller() {
        return handle.createQuery(SELLER)
                .mapTo(String.class)
                .findOne()
                .orElseThrow(
                        () -> OperatorException.input(
                                "there is no seller, expected who sells on every invoice; first: counterfoil seller set --name NAME"));
    }

    private void invoice(
            CSVPrinter out,
            long number,
            NewInvoice invoice,
            Optional<Long> credits,
            Finalising finalising,
            String seller)
            throws IOException {
        InvoicedPeriod of = invoice.of();
        Optional<Decision> decision =
                finalising.override().filter(any -> credits.isPresent() || invoice.incompleteHours() > 0);
        out.printRecord(
                number,
                invoice.kind().text(),
                of.accountId(),
                of.interval(),
                of.anchorDay(),
                of.from(),
                invoice.to(),
                of.currency(),
                invoice.sums().net().toPlainString(),
                invoice.sums().tax().toPlainString(),
                invoice.sums().total().toPlainString(),
                invoice.lines().size(),
                version,
                finalising.at(),
                decision.map(Decision::actor).orElse(null),
                decision.map(Decision::reason).orElse(null),
                invoice.incompleteHours(),
                credits.orElse(null),
                seller,
                invoice.buyer());
    }

    private static void line(CSVPrinter out, long number, int line, InvoiceLine each) throws IOException {
        out.printRecord(
                number,
                line,
                each.kind(),
                each.name(),
                each.plan().orElse(null),
                each.key().orElse(null),
                each.hours().map(InvoiceLine.Hours::since).orElse(null),
                each.hours().map(InvoiceLine.Hours::until).orElse(null),
                each.billed().map(InvoiceLine.Billed::measure).orElse(null),
                each.billed().map(billed -> billed.quantity().toPlainString()).orElse(null),
                each.adjusts().orElse(null),
                each.detail(),
                each.amount().toPlainString());
    }

    private interface Rows {
        void writeTo(CSVPrinter out) throws IOException;
    }

    private void copy(String statement, Rows rows) {
        // Buffered: the printer writes character by character.
        try (Writer out = new BufferedWriter(new OutputStreamWriter(
                        new PGCopyOutputStream(
                                handle.getConnection().unwrap(PGConnection.class), statement, BUFFER_BYTES),
                        StandardCharsets.UTF_8));
                CSVPrinter csv = new CSVPrinter(out, CSVFormat.POSTGRESQL_CSV)) {
            rows.writeTo(csv);
        } catch (IOException | SQLException e) {
            throw new UnableToExecuteStatementException("invoices cannot be copied: " + e.getMessage(), e, null);
        }
    }
}
