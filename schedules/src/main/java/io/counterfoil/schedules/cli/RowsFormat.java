package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.report.Report;

import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** How a report's rows are printed. */
final class RowsFormat {
    private RowsFormat() {}

    /** @throws OperatorException category INPUT where the name is not table, csv or json */
    static Report.Rows named(String name, PrintStream out) {
        return switch (name) {
            case "table" -> new Table(out);
            case "csv" -> new CsvRows(out);
            case "json" -> new JsonLines(out);
            default -> throw OperatorException.input("--format is '" + name + "', expected table, csv or json");
        };
    }

    /** One object a line. A number stands as the database wrote it, to its last digit; one that is none is null. */
    private static final class JsonLines implements Report.Rows {
        private static final JsonFactory JSON = new JsonFactory();
        private final PrintStream out;
        private List<Report.Column> columns = List.of();

        JsonLines(PrintStream out) {
            this.out = out;
        }

        @Override
        public void columns(List<Report.Column> named) {
            columns = named;
        }

        @Override
        public void row(List<String> values) {
            StringWriter line = new StringWriter();
            try (JsonGenerator json = JSON.createGenerator(line)) {
                json.writeStartObject();
                for (int i = 0; i < values.size(); i++) {
                    write(json, columns.get(i), values.get(i));
                }
                json.writeEndObject();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            out.println(line);
        }

        private static void write(JsonGenerator json, Report.Column column, String value) throws IOException {
            json.writeFieldName(column.name());
            if (!column.number()) {
                json.writeString(value);
            } else if (value.equals(Report.NONE)) {
                json.writeNull();
            } else {
                json.writeNumber(value);
            }
        }
    }

    /** Needs every row before the first is printed: the widths. */
    private static final class Table implements Report.Rows {
        private final PrintStream out;
        private List<Report.Column> columns = List.of();
        private final List<List<String>> rows = new ArrayList<>();

        Table(PrintStream out) {
            this.out = out;
        }

        @Override
        public void columns(List<Report.Column> named) {
            columns = named;
            rows.add(named.stream().map(Report.Column::name).toList());
        }

        @Override
        public void row(List<String> values) {
            rows.add(values);
        }

        @Override
        public void end() {
            int[] widths = new int[columns.size()];
            for (List<String> row : rows) {
                for (int i = 0; i < widths.length; i++) {
                    widths[i] = Math.max(widths[i], row.get(i).length());
                }
            }
            for (List<String> row : rows) {
                StringBuilder line = new StringBuilder();
                for (int i = 0; i < widths.length; i++) {
                    String blanks = " ".repeat(widths[i] - row.get(i).length());
                    line.append(columns.get(i).number() ? blanks + row.get(i) : row.get(i) + blanks)
                            .append("  ");
                }
                out.println(line.toString().stripTrailing());
            }
            int count = rows.size() - 1;
            out.println(count == 1 ? "1 row" : String.format("%,d rows", count));
        }
    }
}
