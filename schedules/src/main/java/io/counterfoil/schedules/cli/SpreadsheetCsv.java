package io.counterfoil.schedules.cli;

import io.counterfoil.sql.report.Report;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * CSV that is safe to open in a spreadsheet: a text cell that begins as a formula does gets a leading apostrophe (OWASP, CSV
 * injection); numbers stay numbers.
 */
final class SpreadsheetCsv implements Report.Rows {
    private final CSVPrinter printer;

    SpreadsheetCsv(PrintStream out) {
        try {
            printer = new CSVPrinter(
                    out, CSVFormat.RFC4180.builder().setRecordSeparator('\n').get());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void columns(List<String> names) {
        print(names);
    }

    @Override
    public void row(List<String> values) {
        print(values.stream().map(SpreadsheetCsv::safe).toList());
    }

    static String safe(String value) {
        boolean formula = !value.isEmpty() && "=+-@\t\r".indexOf(value.charAt(0)) >= 0;
        boolean number = value.matches("-?\\d+(\\.\\d+)?");
        // A lone dash, our word for "none", is no formula in any spreadsheet.
        return formula && !number && !value.equals("-") ? "'" + value : value;
    }

    private void print(List<String> values) {
        try {
            printer.printRecord(values);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
