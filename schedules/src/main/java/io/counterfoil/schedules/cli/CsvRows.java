package io.counterfoil.schedules.cli;

import io.counterfoil.jobs.export.SpreadsheetText;
import io.counterfoil.sql.report.Report;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Prints rows as CSV with a header, lines ended by a newline, texts safe for spreadsheets ({@link SpreadsheetText}). */
final class CsvRows implements Report.Rows {
    private final CSVPrinter printer;
    private List<Report.Column> columns = List.of();

    CsvRows(PrintStream out) {
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
            String value = values.get(i);
            cells.add(columns.get(i).number() ? value : SpreadsheetText.safe(value));
        }
        print(cells);
    }

    private void print(List<String> values) {
        try {
            printer.printRecord(values);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
