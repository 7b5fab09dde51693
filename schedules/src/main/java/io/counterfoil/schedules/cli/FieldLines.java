package io.counterfoil.schedules.cli;

import io.counterfoil.sql.report.Report;

import java.io.PrintStream;
import java.util.List;

/** Prints a row with a line for each column that has a value. */
final class FieldLines implements Report.Rows {
    private final PrintStream out;
    private List<Report.Column> columns = List.of();

    FieldLines(PrintStream out) {
        this.out = out;
    }

    @Override
    public void columns(List<Report.Column> named) {
        columns = named;
    }

    @Override
    public void row(List<String> values) {
        for (int i = 0; i < values.size(); i++) {
            if (!values.get(i).isEmpty()) {
                out.println(columns.get(i).name() + ": " + values.get(i));
            }
        }
    }
}
