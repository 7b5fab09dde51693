package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.report.Report;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.jdbi.v3.core.Jdbi;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** How a report's rows are printed. */
final class RowsFormat {
    private final Function<PrintStream, Printer> printers;

    private RowsFormat(Function<PrintStream, Printer> printers) {
        this.printers = printers;
    }

    /** @throws OperatorException category INPUT where the name is not table, csv or json */
    static RowsFormat named(String name) {
        return switch (name) {
            case "table" -> new RowsFormat(Table::new);
            case "csv" -> new RowsFormat(Csv::new);
            case "json" -> new RowsFormat(JsonLines::new);
            default -> throw OperatorException.input("--format is '" + name + "', expected table, csv or json");
        };
    }

    void print(Report report, Jdbi jdbi, Map<String, String> parameters, PrintStream out) {
        Printer printer = printers.apply(out);
        report.run(jdbi, parameters, printer);
        printer.finish();
        out.flush();
    }

    private interface Printer extends Report.Rows {
        void finish();
    }

    private static boolean isNumber(String value) {
        return value.matches("-?\\d+(\\.\\d+)?");
    }

    private static final class Csv implements Printer {
        private final CSVPrinter printer;

        Csv(PrintStream out) {
            try {
                printer = new CSVPrinter(
                        out,
                        CSVFormat.RFC4180.builder().setRecordSeparator('\n').get());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void columns(List<String> names) {
            row(names);
        }

        @Override
        public void row(List<String> values) {
            try {
                printer.printRecord(values);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void finish() {
            // Nothing is held back.
        }
    }

    private static final class JsonLines implements Printer {
        private static final ObjectMapper MAPPER = new ObjectMapper();
        private final PrintStream out;
        private List<String> columns = List.of();

        JsonLines(PrintStream out) {
            this.out = out;
        }

        @Override
        public void columns(List<String> names) {
            columns = names;
        }

        @Override
        public void row(List<String> values) {
            ObjectNode row = MAPPER.createObjectNode();
            for (int i = 0; i < values.size(); i++) {
                String value = values.get(i);
                boolean text = columns.get(i).matches("hour|account|key");
                if (text) {
                    row.put(columns.get(i), value);
                } else {
                    row.put(columns.get(i), Long.parseLong(value));
                }
            }
            out.println(row);
        }

        @Override
        public void finish() {
            // Nothing is held back.
        }
    }

    /** Needs every row before the first is printed: the widths. */
    private static final class Table implements Printer {
        private final PrintStream out;
        private final List<List<String>> rows = new ArrayList<>();

        Table(PrintStream out) {
            this.out = out;
        }

        @Override
        public void columns(List<String> names) {
            rows.add(names);
        }

        @Override
        public void row(List<String> values) {
            rows.add(values);
        }

        @Override
        public void finish() {
            int[] widths = new int[rows.get(0).size()];
            for (List<String> row : rows) {
                for (int i = 0; i < widths.length; i++) {
                    widths[i] = Math.max(widths[i], row.get(i).length());
                }
            }
            for (List<String> row : rows) {
                StringBuilder line = new StringBuilder();
                for (int i = 0; i < widths.length; i++) {
                    String value = row.get(i);
                    String blanks = " ".repeat(widths[i] - value.length());
                    boolean right = isNumber(value) || (row == rows.get(0) && i > 2);
                    line.append(right ? blanks + value : value + blanks).append("  ");
                }
                out.println(line.toString().stripTrailing());
            }
            out.println(rows.size() - 1 + " rows");
        }
    }
}
