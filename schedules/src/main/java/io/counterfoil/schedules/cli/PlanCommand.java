package io.counterfoil.schedules.cli;

import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.limits.LimitStore;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.report.Report;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import java.util.List;
import java.util.Map;

@Command(name = "plan", description = "What a key may use.", mixinStandardHelpOptions = true)
final class PlanCommand {
    private final Counterfoil root;

    PlanCommand(Counterfoil root) {
        this.root = root;
    }

    @Command(name = "create", description = "Create a plan with its limits.", mixinStandardHelpOptions = true)
    int create(
            @Parameters(paramLabel = "NAME", description = "Unique name.") String name,
            @ArgGroup(exclusive = false, multiplicity = "1..*") List<LimitOption> limits)
            throws Exception {
        List<UsageLimit> parsed = LimitOption.read(limits);
        return root.withDatabase(jdbi -> {
            new PlanStore(jdbi).create(name, parsed, root.clock().instant());
            root.out().println("plan " + name + " created: " + LimitOption.text(parsed));
            return 0;
        });
    }

    @Command(
            name = "limits",
            description = {
                "Give a plan these limits in place of those it has.",
                "What was used in windows that have not passed counts for them; edges learn of it at once.",
                "Where a quota changes, accounts are told anew when a threshold of it is crossed."
            },
            mixinStandardHelpOptions = true)
    int limits(
            @Parameters(paramLabel = "NAME", description = "The plan.") String name,
            @ArgGroup(exclusive = false, multiplicity = "1..*") List<LimitOption> limits)
            throws Exception {
        List<UsageLimit> parsed = LimitOption.read(limits);
        return root.withDatabase(jdbi -> {
            long plan = new PlanStore(jdbi).require(name);
            new LimitStore(jdbi).replace(plan, parsed, root.clock().instant());
            root.out().println("plan " + name + " has now: " + LimitOption.text(parsed));
            return 0;
        });
    }

    @Command(name = "list", description = "Plans with their limits.", mixinStandardHelpOptions = true)
    int list(@Mixin RowsOption rows) throws Exception {
        return rows.print(root, Report.listOf("plans"), Map.of());
    }
}
