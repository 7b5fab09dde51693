package io.counterfoil.jobs.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.jobs.rollup.RollupJob;
import io.counterfoil.jobs.rollup.RollupResult;
import io.counterfoil.jobs.rollup.WaitingStream;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.rollup.MergeResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.Callable;

@Command(
        name = "rollup",
        description = "Count what the landing holds and the ledger has not seen, exactly once.",
        mixinStandardHelpOptions = true)
final class RollupCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final JobSite.Opener opener;
    private final JobCommands.Defaults defaults;
    private final PrintStream out;
    private final PrintStream err;

    @Mixin
    private final LandingOption landing = new LandingOption();

    @Option(names = "--json", description = "Print JSON: one object, or one a line with --dry-run.")
    private boolean json;

    @Option(names = "--dry-run", description = "Print what waits to be counted, and count nothing.")
    private boolean dryRun;

    RollupCommand(JobSite.Opener opener, JobCommands.Defaults defaults, PrintStream out, PrintStream err) {
        this.opener = opener;
        this.defaults = defaults;
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() {
        String from = landing.orElse(defaults);
        try (JobSite site = opener.open()) {
            RollupJob job = new RollupJob(site.spark(), from, site.databaseUrl(), site.clock());
            return dryRun ? tellWaiting(job.waiting()) : tell(job.run(this::progress));
        }
    }

    private void progress(RollupResult soFar) {
        err.println(String.format(
                "batch %d: %,d records of %,d segments so far", soFar.batches(), soFar.records(), soFar.segments()));
    }

    private int tellWaiting(List<WaitingStream> waiting) {
        for (WaitingStream stream : waiting) {
            if (json) {
                out.println(object().put("stream", stream.stream())
                        .put("segments", stream.segments())
                        .put("records", stream.records())
                        .put("bytes", stream.bytes())
                        .put("first", stream.first())
                        .put("last", stream.last())
                        .put("unreadable", stream.unreadable()));
            } else {
                out.println(stream);
            }
        }
        if (waiting.isEmpty() && !json) {
            out.println("nothing new to count");
        }
        return waiting.stream().allMatch(stream -> stream.unreadable().isEmpty()) ? 0 : corrupt();
    }

    private int tell(RollupResult result) {
        if (json) {
            out.println(object().put("batches", result.batches())
                    .put("segments", result.segments())
                    .put("records", result.records())
                    .put("rejects", result.rejects())
                    .put("quarantined", result.quarantined().size())
                    .put("flags", result.flags().size())
                    .put("alarms", result.alarms().size()));
        } else {
            out.println(summary(result));
            result.flags().forEach(flag -> out.println(flag(flag)));
        }
        result.quarantined().forEach(reason -> err.println("quarantined " + reason));
        result.unreadable().forEach(reason -> err.println("cannot be read: " + reason));
        result.alarms().forEach(alarm -> err.println("ALARM " + alarm.alarm()));
        boolean clean = result.quarantined().isEmpty() && result.unreadable().isEmpty();
        return clean ? 0 : corrupt();
    }

    private static ObjectNode object() {
        return JSON.createObjectNode();
    }

    private static int corrupt() {
        return OperatorException.corrupt("").exitCode();
    }

    private static String summary(RollupResult result) {
        if (result.batches() == 0) {
            return "nothing new to count";
        }
        return String.format(
                "counted %,d records of %,d segments, %,d rejects",
                result.records(), result.segments(), result.rejects());
    }

    private static String flag(MergeResult.Flag flag) {
        return "key " + flag.label() + " is over " + flag.limitText() + " (" + flag.used() + " used): " + flag.action()
                + " until " + flag.resetsAt();
    }
}
