package io.counterfoil.schedules.cli;

import io.counterfoil.sql.report.Report;
import org.jdbi.v3.core.Jdbi;
import picocli.CommandLine.Option;

import java.util.Map;

/** In which form a report's rows are printed. */
final class RowsOption {
    @Option(
            names = "--format",
            defaultValue = "table",
            paramLabel = "F",
            description = "table, csv or json (one object a line). Default: table.")
    private String format = "table";

    /** What a report needs once the database is open. */
    @FunctionalInterface
    interface Check {
        void check(Jdbi jdbi);
    }

    /** Runs the report and prints it; a wrong form is told before the database is opened. */
    int print(Counterfoil root, String report, Map<String, String> parameters, Check check) throws Exception {
        Report.Rows rows = RowsFormat.named(format, root.out());
        return root.withDatabase(jdbi -> {
            check.check(jdbi);
            Report.named(report).run(jdbi, parameters, rows);
            return 0;
        });
    }

    int print(Counterfoil root, String report, Map<String, String> parameters) throws Exception {
        return print(root, report, parameters, jdbi -> {});
    }
}
