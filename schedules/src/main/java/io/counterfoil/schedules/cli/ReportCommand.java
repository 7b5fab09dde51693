package io.counterfoil.schedules.cli;

import io.counterfoil.sql.report.Report;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.util.HashMap;
import java.util.Map;

@Command(
        name = "report",
        description = "Reports, each a .sql file that psql -f runs too.",
        mixinStandardHelpOptions = true)
final class ReportCommand {
    private final Counterfoil root;

    ReportCommand(Counterfoil root) {
        this.root = root;
    }

    @Command(name = "usage-hourly", description = "Usage by hour, account and key.", mixinStandardHelpOptions = true)
    int usageHourly(
            @Option(
                            names = "--format",
                            defaultValue = "table",
                            paramLabel = "F",
                            description = "table, csv or json (one object a line). Default: table.")
                    String format,
            @Option(names = "--from", paramLabel = "TIME", description = "First hour, as 2016-02-20T05:00:00Z.")
                    String from,
            @Option(names = "--to", paramLabel = "TIME", description = "Hour behind the last.") String to)
            throws Exception {
        Report.Rows rows = RowsFormat.named(format, root.out());
        Map<String, String> range = range(from, to);
        return root.withDatabase(jdbi -> {
            Report.named("usage-hourly").run(jdbi, range, rows);
            return 0;
        });
    }

    static Map<String, String> range(String from, String to) {
        Map<String, String> parameters = new HashMap<>();
        if (from != null) {
            parameters.put("from", Times.instant("--from", from).toString());
        }
        if (to != null) {
            parameters.put("to", Times.instant("--to", to).toString());
        }
        return parameters;
    }
}
