package io.counterfoil.jobs.export;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.export.InvoiceExportStore;
import io.counterfoil.sql.export.ShownInvoice;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Final invoices of a month, or their lines, as CSV for spreadsheets, by number. A file is there whole or not at all; a run that died is
 * run again.
 */
public final class InvoiceExportJob {
    private static final CSVFormat FORMAT =
            CSVFormat.RFC4180.builder().setRecordSeparator('\n').get();
    private static final Set<String> SUMMED = Set.of("net", "tax", "total", "amount");

    private final InvoiceExportStore store;
    private final String version;

    /** @param version of Counterfoil, for the manifest */
    public InvoiceExportJob(InvoiceExportStore store, String version) {
        this.store = store;
        this.version = version;
    }

    /** What is written. */
    public enum What {
        INVOICES,
        INVOICE_LINES;

        String text() {
            return this == INVOICES ? "invoices" : "invoice-lines";
        }
    }

    /**
     * Writes the file and its manifest, whose totals are by currency.
     *
     * @param period the month in which the periods begin, each in its account's zone
     * @throws OperatorException category INPUT where the file cannot be written, or another process writes it
     */
    public Manifest write(What what, YearMonth period, Path target) {
        try (ExportLock lock = ExportLock.of(target)) {
            Table[] table = new Table[1];
            WholeFile whole = NewFile.write(target, out -> table[0] = fill(what, period, out));
            Manifest manifest = new Manifest(
                    what.text(),
                    "csv",
                    Map.of("period", period.toString()),
                    table[0].rows,
                    table[0].totals,
                    List.of(),
                    whole,
                    version);
            manifest.write(target);
            return manifest;
        } catch (IOException | UncheckedIOException e) {
            throw OperatorException.input("--out " + target + " cannot be written: " + e.getMessage());
        }
    }

    /**
     * Writes one as a page, and its manifest, whose rows are the invoice's lines.
     *
     * @throws OperatorException category INPUT where the file cannot be written, or another process writes it
     */
    public Manifest page(ShownInvoice invoice, Path target) {
        try (ExportLock lock = ExportLock.of(target)) {
            byte[] page = InvoicePage.of(invoice);
            WholeFile whole = NewFile.write(target, out -> out.write(page));
            Map<String, BigDecimal> totals = new TreeMap<>();
            totals.put("net " + invoice.currency(), invoice.net());
            totals.put("tax " + invoice.currency(), invoice.tax());
            totals.put("total " + invoice.currency(), invoice.total());
            Manifest manifest = new Manifest(
                    "invoice-html",
                    "html",
                    Map.of("number", Long.toString(invoice.number())),
                    invoice.lines().size(),
                    totals,
                    List.of(),
                    whole,
                    version);
            manifest.write(target);
            return manifest;
        } catch (IOException e) {
            throw OperatorException.input("--out " + target + " cannot be written: " + e.getMessage());
        }
    }

    /** Invoices or lines to a stream, which stays open; without manifest. */
    public void stream(What what, YearMonth period, OutputStream out) throws IOException {
        fill(what, period, out);
    }

    private Table fill(What what, YearMonth period, OutputStream out) throws IOException {
        Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
        Table table = new Table(new CSVPrinter(writer, FORMAT));
        if (what == What.INVOICES) {
            store.invoices(period, table);
        } else {
            store.lines(period, table);
        }
        writer.flush();
        return table;
    }

    /** Prints rows, and adds up their amounts. */
    private static final class Table implements InvoiceExportStore.Rows {
        private final CSVPrinter printer;
        private final Map<String, BigDecimal> totals = new TreeMap<>();
        private List<InvoiceExportStore.Column> columns = List.of();
        private int currency;
        private long rows;

        Table(CSVPrinter printer) {
            this.printer = printer;
        }

        @Override
        public void columns(List<InvoiceExportStore.Column> named) throws IOException {
            columns = named;
            List<String> names =
                    named.stream().map(InvoiceExportStore.Column::name).toList();
            currency = names.indexOf("currency");
            printer.printRecord(names);
        }

        @Override
        public void row(List<Optional<String>> values) throws IOException {
            List<String> cells = new ArrayList<>(values.size());
            for (int i = 0; i < values.size(); i++) {
                InvoiceExportStore.Column column = columns.get(i);
                Optional<String> value = values.get(i);
                if (SUMMED.contains(column.name())) {
                    totals.merge(
                            column.name() + " " + values.get(currency).orElseThrow(),
                            new BigDecimal(value.orElseThrow()),
                            BigDecimal::add);
                }
                cells.add(value.map(text -> column.number() ? text : SpreadsheetText.safe(text))
                        .orElse(null));
            }
            printer.printRecord(cells);
            rows++;
        }
    }
}
