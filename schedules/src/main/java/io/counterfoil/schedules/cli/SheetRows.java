package io.counterfoil.schedules.cli;

import io.counterfoil.sql.report.Report;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.List;

/** Prints rows as a CSV that {@link SheetFile} reads again. */
final class SheetRows implements Report.Rows {
    private final CSVPrinter printer;

    SheetRows(PrintStream out) {
        try {
            printer = new CSVPrinter(
                    out, CSVFormat.RFC4180.builder().setRecordSeparator('\n').get());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void columns(List<Report.Column> named) {
        row(named.stream().map(Report.Column::name).toList());
    }

    @Override
    public void row(List<String> values) {
        try {
            printer.printRecord(values.stream().map(SheetText::written));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
