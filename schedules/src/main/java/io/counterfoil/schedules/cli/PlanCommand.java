package io.counterfoil.schedules.cli;

import io.counterfoil.jobs.plans.Catalogue;
import io.counterfoil.jobs.plans.PlanApply;
import io.counterfoil.jobs.plans.PlanChange;
import io.counterfoil.schedules.plans.PlansFile;
import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.limits.LimitStore;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.report.Report;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

@Command(name = "plan", description = "What a key may use.", mixinStandardHelpOptions = true)
final class PlanCommand {
    private final Counterfoil root;

    PlanCommand(Counterfoil root) {
        this.root = root;
    }

    @Command(
            name = "create",
            description = "Create a plan that has limits and bills nothing; plans with prices come from 'plan apply'.",
            mixinStandardHelpOptions = true)
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
                "Give a plan these limits in place of those it has; not one that comes from a plans file.",
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

    @Command(
            name = "apply",
            description = {
                "Bring the plans up to what a plans file says (schedules/plans.yaml shows one): all of it, or nothing.",
                "A version that a subscription names never changes: write the change as the next one. What the file does not have stays."
            },
            mixinStandardHelpOptions = true)
    int apply(
            @Parameters(paramLabel = "FILE", description = "The catalogue, as people keep it in git.") Path file,
            @Option(names = "--dry-run", description = "Tell what would change, and change nothing.") boolean dryRun,
            @Option(names = "--json", description = "Print one JSON object.") boolean json)
            throws Exception {
        Catalogue catalogue = PlansFile.read(file);
        return root.withDatabase(jdbi -> {
            List<PlanChange> changes =
                    new PlanApply(jdbi).run(catalogue, dryRun, root.clock().instant());
            if (json) {
                root.out().println(PlanChanges.json(changes, !dryRun));
            } else {
                PlanChanges.text(changes, !dryRun).forEach(root.out()::println);
            }
            return 0;
        });
    }

    @Command(name = "list", description = "Plans' versions with their limits.", mixinStandardHelpOptions = true)
    int list(@Mixin RowsOption rows) throws Exception {
        return rows.print(root, Report.listOf("plans"), Map.of());
    }
}
