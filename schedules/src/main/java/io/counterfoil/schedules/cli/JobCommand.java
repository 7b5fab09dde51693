package io.counterfoil.schedules.cli;

import io.counterfoil.jobs.cli.JobCommands;
import io.counterfoil.jobs.cli.JobSite;
import io.counterfoil.jobs.spark.LocalSpark;
import io.counterfoil.schedules.home.Database;
import io.counterfoil.schedules.home.Home;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;

import java.time.InstantSource;
import java.util.Optional;

/** The jobs on this machine, in a Spark of their own. */
@Command(name = "job", description = "Jobs that a schedule runs.", mixinStandardHelpOptions = true)
final class JobCommand {
    private JobCommand() {}

    static CommandLine line(Counterfoil root) {
        JobCommands.Defaults defaults = new JobCommands.Defaults(
                () -> Optional.of(root.home().landing().toString()),
                () -> Optional.of(root.home().archive().toString()));
        return JobCommands.addTo(new CommandLine(new JobCommand()), () -> open(root), defaults, root.out(), root.err());
    }

    private static JobSite open(Counterfoil root) {
        Home home = root.home();
        Database database = root.openDatabase(home);
        try {
            root.err().println("starting Spark");
            return new Local(database, LocalSpark.start(home.folder().resolve("scratch")), root.clock());
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    private record Local(Database database, LocalSpark local, InstantSource clock) implements JobSite {
        @Override
        public SparkSession spark() {
            return local.session();
        }

        @Override
        public String databaseUrl() {
            return database.jdbcUrl();
        }

        @Override
        public void close() {
            local.close();
            database.close();
        }
    }
}
