package io.counterfoil.schedules.cli;

import io.counterfoil.sql.report.Report;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Prints rows as CSV with a header, lines ended by a newline. */
final class CsvRows implements Report.Rows {
    private final CSVPrinter printer;
    private final boolean forSpreadsheets;
    private List<Report.Column> columns = List.of();

    /**
     * @param forSpreadsheets a text that begins as a formula does gets a leading apostrophe (OWASP, CSV injection); numbers stay
     *     numbers
     */
    CsvRows(PrintStream out, boolean forSpreadsheets) {
        this.forSpreadsheets = forSpreadsheets;
        try {
            printer = new CSVPrinter(
                    out, CSVFormat.RFC4180.builder().setRecordSeparator('\n').get());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void columns(List<Report.Column> named) {
        columns = named;
        print(named.stream().map(Report.Column::name).toList());
    }

    @Override
    public void row(List<String> values) {
        List<String> cells = new ArrayList<>(values.size());
        for (int i = 0; i < values.size(); i++) {
            boolean text = forSpreadsheets && !columns.get(i).number();
            cells.add(text ? safe(values.get(i)) : values.get(i));
        }
        print(cells);
    }

    static String safe(String value) {
        boolean formula = !value.isEmpty() && "=+-@\t\r".indexOf(value.charAt(0)) >= 0;
        // A lone dash, our word for "none", is no formula in any spreadsheet.
        return formula && !value.equals("-") ? "'" + value : value;
    }

    private void print(List<String> values) {
        try {
            printer.printRecord(values);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
