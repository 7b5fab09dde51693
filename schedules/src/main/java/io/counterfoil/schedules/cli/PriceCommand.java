package io.counterfoil.schedules.cli;

import io.counterfoil.jobs.plans.Plan;
import io.counterfoil.jobs.plans.PlanVersion;
import io.counterfoil.jobs.rating.Percent;
import io.counterfoil.jobs.rating.RatedPeriod;
import io.counterfoil.jobs.rating.Rating;
import io.counterfoil.jobs.rating.Tax;
import io.counterfoil.jobs.rating.Timeline;
import io.counterfoil.jobs.rating.Usage;
import io.counterfoil.schedules.plans.PlansFile;
import io.counterfoil.sql.OperatorException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

// Without the standard options: --version says which version of the plan.
@Command(
        name = "price",
        description = {
            "What a period with that usage would cost, line by line. Reads the file alone, no database.",
            "Example: counterfoil price --plans plans.yaml --plan team --usage requests=1500000,bytes_out=2e9"
        })
final class PriceCommand implements Callable<Integer> {
    private final Counterfoil root;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help message and exit.")
    @SuppressWarnings("UnusedVariable") // picocli reads it
    private boolean help;

    @Option(names = "--plans", required = true, paramLabel = "FILE", description = "As schedules/plans.yaml.")
    private Path file;

    @Option(names = "--plan", required = true, paramLabel = "NAME", description = "A plan of the file.")
    private String name;

    @Option(names = "--version", paramLabel = "N", description = "Which version of it. Default: the latest.")
    private Optional<Integer> version = Optional.empty();

    @Option(
            names = "--usage",
            split = ",",
            paramLabel = "MEASURE=N",
            description =
                    "Billable requests, units and bytes_out, as 1500000, 2e9 or, of bytes, 50GiB; of requests on no"
                            + " route that --route-usage names.")
    private List<String> usage = List.of();

    @Option(
            names = "--route-usage",
            split = ",",
            paramLabel = "ROUTE.MEASURE=N",
            description = "The same of one route, on top of --usage: search.text.requests=5000.")
    private List<String> routeUsage = List.of();

    @Option(
            names = "--hours",
            paramLabel = "N/M",
            description = "The plan was in force for N of the period's M hours: flat fees and the minimum commitment go"
                    + " by them. Default: all.")
    private Optional<String> hours = Optional.empty();

    @Option(names = "--tax", paramLabel = "PERCENT", description = "Adds the account's tax line. Default: none.")
    private Optional<String> tax = Optional.empty();

    @Option(names = "--json", description = "Print one JSON object; its numbers are decimals in quotes.")
    private boolean json;

    PriceCommand(Counterfoil root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        PlanVersion chosen = version(PlansFile.read(file).require(name));
        Usage used = PricedUsage.read(usage, routeUsage);
        PartOfPeriod part = hours.map(PartOfPeriod::parse).orElse(PartOfPeriod.WHOLE);
        RatedPeriod rated = Rating.rate(
                List.of(Timeline.of(chosen.inForce(part.hours(), used))),
                part.hoursOfPeriod(),
                tax.map(percent -> new Tax("tax", Percent.parse(percent))));
        List<String> unpriced = PricedUsage.unpriced(used, chosen.card());
        if (json) {
            root.out().println(PriceJson.of(chosen, rated, unpriced));
        } else {
            PriceTable.of(chosen, rated, unpriced).forEach(root.out()::println);
        }
        return 0;
    }

    private PlanVersion version(Plan plan) {
        return version.map(number -> plan.version(number)
                        .orElseThrow(() -> OperatorException.input("--version is " + number + ", expected one of "
                                + String.join(
                                        ", ",
                                        plan.versions().stream()
                                                .map(each -> Integer.toString(
                                                        each.ref().version()))
                                                .toList()))))
                .orElseGet(plan::latest);
    }

    /** So many of a period's hours. */
    private record PartOfPeriod(long hours, long hoursOfPeriod) {
        static final PartOfPeriod WHOLE = new PartOfPeriod(1, 1);

        static PartOfPeriod parse(String text) {
            if (text.matches("\\d{1,5}/\\d{1,5}")) {
                String[] numbers = text.split("/", -1);
                PartOfPeriod part = new PartOfPeriod(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]));
                if (part.hoursOfPeriod > 0 && part.hours <= part.hoursOfPeriod) {
                    return part;
                }
            }
            throw OperatorException.input(
                    "--hours is '" + text + "', expected hours in force/hours of the period, as in 408/744");
        }
    }
}
