package io.counterfoil.jobs.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.jobs.overshoot.OvershootJob;
import io.counterfoil.jobs.overshoot.OvershootResult;
import io.counterfoil.sql.OperatorException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.PrintStream;
import java.util.concurrent.Callable;

@Command(
        name = "overshoot",
        description = {
            "Find in the log how many requests passed after each limit was used up.",
            "Told once a limit, window and quota, a quarter of an hour after its hour; see 'report overshoot' and 'report flag-lag'."
        },
        mixinStandardHelpOptions = true)
final class OvershootCommand implements Callable<Integer> {
    private final JobSite.Opener opener;
    private final JobCommands.Defaults defaults;
    private final PrintStream out;

    @Mixin
    private final LandingOption landing = new LandingOption();

    @Option(
            names = "--now",
            description = "Also of the running hour; where records still come, it cannot be told later either.")
    private boolean now;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    OvershootCommand(JobSite.Opener opener, JobCommands.Defaults defaults, PrintStream out) {
        this.opener = opener;
        this.defaults = defaults;
        this.out = out;
    }

    @Override
    public Integer call() {
        String from = landing.orElse(defaults);
        OvershootResult result;
        try (JobSite site = opener.open()) {
            OvershootJob job = new OvershootJob(site.spark(), from, site.databaseUrl(), site.clock());
            result = now ? job.runAtOnce() : job.run();
        }
        out.println(
                json
                        ? new ObjectMapper()
                                .createObjectNode()
                                .put("crossings", result.crossings())
                                .put("untold", result.untold())
                                .put("damaged", result.damaged())
                                .put("passed", result.passed())
                                .toString()
                        : String.format(
                                "%,d limits were used up, %,d requests passed meanwhile%s",
                                result.crossings(),
                                result.passed(),
                                result.untold() == 0
                                        ? ""
                                        : String.format(
                                                "; of %,d more it cannot be told, see 'report overshoot'",
                                                result.untold())));
        return result.damaged() == 0 ? 0 : OperatorException.corrupt("").exitCode();
    }
}
