package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.jobs.rollup.RollupJob;
import io.counterfoil.jobs.rollup.RollupResult;
import io.counterfoil.jobs.spark.LocalSpark;
import io.counterfoil.schedules.home.Database;
import io.counterfoil.schedules.home.Home;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.rollup.MergeResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "job", description = "Jobs that a schedule runs.", mixinStandardHelpOptions = true)
final class JobCommand {
    private final Counterfoil root;

    JobCommand(Counterfoil root) {
        this.root = root;
    }

    @Command(
            name = "rollup",
            description = "Count what the landing holds and the ledger has not seen, exactly once.",
            mixinStandardHelpOptions = true)
    int rollup(@Option(names = "--json", description = "Print one JSON object.") boolean json) {
        Home home = root.home();
        RollupResult result;
        try (Database database = root.openDatabase(home)) {
            root.err().println("starting Spark");
            try (LocalSpark spark = LocalSpark.start(home.folder().resolve("scratch"))) {
                result = new RollupJob(spark.session(), home.landing(), database.jdbcUrl(), root.clock()).run();
            }
        }
        if (json) {
            root.out()
                    .println(new ObjectMapper()
                            .createObjectNode()
                            .put("batches", result.batches())
                            .put("segments", result.segments())
                            .put("records", result.records())
                            .put("rejects", result.rejects())
                            .put("quarantined", result.quarantined().size())
                            .put("flags", result.flags().size())
                            .put("alarms", result.alarms().size()));
        } else {
            root.out().println(summary(result));
            result.flags().forEach(flag -> root.out().println(flag(flag)));
        }
        result.quarantined().forEach(reason -> root.err().println("quarantined " + reason));
        result.unreadable().forEach(reason -> root.err().println("cannot be read: " + reason));
        result.alarms().forEach(alarm -> root.err().println("ALARM " + alarm.alarm()));
        boolean clean = result.quarantined().isEmpty() && result.unreadable().isEmpty();
        return clean ? 0 : OperatorException.corrupt("").exitCode();
    }

    static String summary(RollupResult result) {
        if (result.batches() == 0) {
            return "nothing new to count";
        }
        return String.format(
                "counted %,d records of %,d segments, %,d rejects",
                result.records(), result.segments(), result.rejects());
    }

    static String flag(MergeResult.Flag flag) {
        return "key " + flag.label() + " is over " + flag.limitText() + " (" + flag.used() + " used): " + flag.action()
                + " until " + flag.resetsAt();
    }
}
