package io.counterfoil.schedules.cli;

import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.account.UsageLimit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.util.List;

@Command(name = "plan", description = "What a key may use.", mixinStandardHelpOptions = true)
final class PlanCommand {
    private final Counterfoil root;

    PlanCommand(Counterfoil root) {
        this.root = root;
    }

    @Command(name = "create", description = "Create a plan with a limit.", mixinStandardHelpOptions = true)
    int create(
            @Parameters(paramLabel = "NAME", description = "Unique name.") String name,
            @Option(names = "--limit", required = true, paramLabel = "N/hour", description = "As 1000/hour.")
                    String limit,
            @Option(
                            names = "--measure",
                            defaultValue = "requests",
                            paramLabel = "MEASURE",
                            description = "requests, units or bytes_out. Default: requests.")
                    String measure,
            @Option(
                            names = "--over",
                            defaultValue = "refuse",
                            paramLabel = "ACTION",
                            description = "What happens over the limit: refuse, warn or notify. Default: refuse.")
                    String action)
            throws Exception {
        UsageLimit parsed = UsageLimit.parse(limit, measure, action);
        return root.withDatabase(jdbi -> {
            new PlanStore(jdbi).create(name, List.of(parsed), root.clock().instant());
            root.out()
                    .println("plan " + name + " created: " + parsed.quota() + " " + measure + " per "
                            + parsed.window()
                            + ", then " + action);
            return 0;
        });
    }
}
