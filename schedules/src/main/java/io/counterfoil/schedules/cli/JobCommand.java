package io.counterfoil.schedules.cli;

import io.counterfoil.jobs.cli.JobCommands;
import io.counterfoil.jobs.cli.JobSite;
import io.counterfoil.jobs.spark.LocalSpark;
import io.counterfoil.schedules.home.Database;
import io.counterfoil.schedules.home.Home;
import io.counterfoil.schedules.home.WebhookKeyFile;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;

import java.io.PrintStream;
import java.time.InstantSource;
import java.util.Optional;

/** The jobs on this machine; those that need Spark start one of their own. */
@Command(name = "job", description = "Jobs that a schedule runs.", mixinStandardHelpOptions = true)
final class JobCommand {
    private JobCommand() {}

    static CommandLine line(Counterfoil root) {
        return JobCommands.addTo(
                new CommandLine(new JobCommand()), () -> open(root), defaults(root), root.out(), root.err());
    }

    static CommandLine dispute(Counterfoil root) {
        return JobCommands.dispute(() -> open(root), defaults(root), root.out());
    }

    private static JobCommands.Defaults defaults(Counterfoil root) {
        return new JobCommands.Defaults(
                () -> Optional.of(root.home().landing().toString()),
                () -> Optional.of(root.home().archive().toString()),
                () -> WebhookKeyFile.read(root.home()));
    }

    private static JobSite open(Counterfoil root) {
        Home home = root.home();
        return new Local(home, root.openDatabase(home), root.clock(), root.err());
    }

    private static final class Local implements JobSite {
        private final Home home;
        private final Database database;
        private final InstantSource clock;
        private final PrintStream err;
        private Optional<LocalSpark> spark = Optional.empty();

        Local(Home home, Database database, InstantSource clock, PrintStream err) {
            this.home = home;
            this.database = database;
            this.clock = clock;
            this.err = err;
        }

        @Override
        public SparkSession spark() {
            if (spark.isEmpty()) {
                err.println("starting Spark");
                spark = Optional.of(LocalSpark.start(home.folder().resolve("scratch")));
            }
            return spark.get().session();
        }

        @Override
        public String databaseUrl() {
            return database.jdbcUrl();
        }

        @Override
        public InstantSource clock() {
            return clock;
        }

        @Override
        public void close() {
            spark.ifPresent(LocalSpark::close);
            database.close();
        }
    }
}
