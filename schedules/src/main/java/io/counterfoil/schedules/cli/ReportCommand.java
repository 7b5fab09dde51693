package io.counterfoil.schedules.cli;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.report.Report;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

@Command(
        name = "report",
        description = {
            "Reports, each a .sql file that psql -f runs too. Without NAME: which there are, with their parameters.",
            "A time is 2016-02-20T05:00:00Z, or a date, which is its midnight in UTC."
        },
        mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {
    private static final String ALL_ACCOUNTS = "*";

    private final Counterfoil root;

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "Which report.")
    private String name;

    @Option(names = "--param", paramLabel = "K=V", description = "A parameter of the report. Repeatable.")
    private Map<String, String> parameters = new LinkedHashMap<>();

    @Option(names = "--from", paramLabel = "TIME", description = "As --param from=TIME: inclusive.")
    private String from;

    @Option(names = "--to", paramLabel = "TIME", description = "As --param to=TIME: exclusive.")
    private String to;

    @Option(names = "--account", paramLabel = "NAME", description = "As --param account=NAME.")
    private String account;

    @Option(names = "--source", paramLabel = "NAME", description = "As --param source=NAME.")
    private String source;

    @Option(names = "--sql", description = "Print the report's file, for psql -f, instead of its rows.")
    private boolean sql;

    @Mixin
    private final RowsOption rows = new RowsOption();

    ReportCommand(Counterfoil root) {
        this.root = root;
    }

    @Override
    public Integer call() throws Exception {
        if (name == null) {
            return list();
        }
        Report report = Report.named(name);
        Map<String, String> values = values(report);
        if (sql) {
            root.out().print(report.text());
            return 0;
        }
        return rows.print(
                root,
                report,
                values,
                jdbi -> Optional.ofNullable(values.get("account"))
                        .filter(one -> !one.equals(ALL_ACCOUNTS))
                        .ifPresent(new AccountStore(jdbi)::require));
    }

    /** What was given, each by either way, once; and the clock's time where the report asks what time it is. */
    private Map<String, String> values(Report report) {
        Map<String, String> values = new HashMap<>();
        parameters.forEach((parameter, value) -> put(values, report, "--param " + parameter, parameter, value));
        shorthands().forEach((parameter, value) -> put(values, report, "--" + parameter, parameter, value));
        report.find("at")
                .ifPresent(at ->
                        values.putIfAbsent(at.name(), root.clock().instant().toString()));
        return values;
    }

    private Map<String, String> shorthands() {
        Map<String, String> given = new LinkedHashMap<>();
        given.put("from", from);
        given.put("to", to);
        given.put("account", account);
        given.put("source", source);
        given.values().removeIf(value -> value == null);
        return given;
    }

    private static void put(Map<String, String> values, Report report, String option, String parameter, String value) {
        boolean time = report.parameter(parameter).type() == Report.Type.TIME;
        String bound = time ? Times.instant(option, value).toString() : value;
        if (values.put(parameter, bound) != null) {
            throw OperatorException.input(option + " is given twice, expected either --" + parameter + " or --param");
        }
    }

    private int list() {
        Report.Rows printed = rows.rows(root);
        if (sql || !parameters.isEmpty() || !shorthands().isEmpty()) {
            throw OperatorException.input(
                    "report's NAME is missing, expected one of " + String.join(", ", Report.names()));
        }
        printed.columns(List.of(
                new Report.Column("report", false),
                new Report.Column("parameters", false),
                new Report.Column("purpose", false)));
        for (String each : Report.names()) {
            Report report = Report.named(each);
            String defaults = report.parameters().stream()
                    .map(parameter -> parameter.name() + "=" + parameter.byDefault())
                    .collect(Collectors.joining(" "));
            printed.row(List.of(each, defaults.isEmpty() ? Report.NONE : defaults, report.purpose()));
        }
        printed.end();
        return 0;
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
