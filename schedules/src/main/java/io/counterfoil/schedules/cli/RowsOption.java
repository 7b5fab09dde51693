package io.counterfoil.schedules.cli;

import io.counterfoil.sql.OperatorException;
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

    /** @throws OperatorException category INPUT where there is no such form */
    Report.Rows rows(Counterfoil root) {
        return RowsFormat.named(format, root.out());
    }

    /** What a report needs once the database is open. */
    @FunctionalInterface
    interface Check {
        void check(Jdbi jdbi);
    }

    /** Runs the report and prints it; a wrong form is told before the database is opened. */
    int print(Counterfoil root, Report report, Map<String, String> parameters, Check check) throws Exception {
        Report.Rows rows = rows(root);
        return root.withDatabase(jdbi -> {
            check.check(jdbi);
            report.run(jdbi, parameters, rows);
            return 0;
        });
    }

    int print(Counterfoil root, Report report, Map<String, String> parameters) throws Exception {
        return print(root, report, parameters, jdbi -> {});
    }
}
