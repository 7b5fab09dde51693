package io.counterfoil.schedules.cli;

import io.counterfoil.sql.report.Report;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.Map;
import java.util.concurrent.Callable;

@Command(
        name = "hours",
        description = {
            "Which hours are complete; of the others, what is missing since when, and what mends it.",
            "One line an hour and thing that is missing."
        },
        mixinStandardHelpOptions = true)
final class HoursCommand implements Callable<Integer> {
    private final Counterfoil root;

    @Option(names = "--incomplete", description = "Only hours that are not complete.")
    private boolean incomplete;

    @Option(names = "--from", paramLabel = "TIME", description = "First hour, as 2016-02-20T05:00:00Z.")
    private String from;

    @Option(names = "--to", paramLabel = "TIME", description = "Hour behind the last.")
    private String to;

    @Mixin
    private final RowsOption rows = new RowsOption();

    HoursCommand(Counterfoil root) {
        this.root = root;
    }

    @Override
    public Integer call() throws Exception {
        Map<String, String> parameters = ReportCommand.range(from, to);
        parameters.put("incomplete", incomplete ? "yes" : "no");
        parameters.put("at", root.clock().instant().toString());
        return rows.print(root, Report.named("hours"), parameters);
    }
}
