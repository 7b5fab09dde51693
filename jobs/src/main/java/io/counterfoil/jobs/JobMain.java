package io.counterfoil.jobs;

import io.counterfoil.jobs.cli.CommandRun;
import io.counterfoil.jobs.cli.JobCommands;
import io.counterfoil.jobs.cli.JobSite;
import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.Migrations;
import io.counterfoil.sql.OperatorException;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.InstantSource;
import java.util.Optional;

/**
 * What {@code spark-submit} runs: {@code spark-submit --class io.counterfoil.jobs.JobMain counterfoil-jobs-VERSION-spark.jar rollup
 * --landing s3a://bucket/landing}. Master, memory and the like are spark-submit's to say.
 */
@Command(
        name = "spark-submit … counterfoil-jobs-spark.jar",
        mixinStandardHelpOptions = true,
        description = "Counterfoil's jobs on a Spark cluster.",
        synopsisSubcommandLabel = "JOB",
        footer = {
            "",
            "Exit codes: 0 done, 2 input or settings, 3 corrupt data, 4 dependency down, 1 bug",
            "The database's URL holds a password: set COUNTERFOIL_DATABASE_URL rather than --database."
        })
public final class JobMain {
    private static final String DATABASE_VARIABLE = "COUNTERFOIL_DATABASE_URL";

    @Option(
            names = "--database",
            scope = ScopeType.INHERIT,
            paramLabel = "URL",
            description = "jdbc:postgresql://HOST:PORT/DATABASE?user=…&password=…. Also " + DATABASE_VARIABLE
                    + ", which other users of this machine cannot read.")
    private String database;

    private JobMain() {}

    /** Runs one job and exits with its code. */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        JobMain root = new JobMain();
        CommandLine line = new CommandLine(root);
        JobCommands.addTo(line, root::open, JobCommands.Defaults.NONE, out, err);
        int code = CommandRun.execute(line, out, err, arguments);
        out.flush();
        System.exit(code);
    }

    private JobSite open() {
        String url = Optional.ofNullable(database == null ? System.getenv(DATABASE_VARIABLE) : database)
                .filter(given -> !given.isBlank())
                .orElseThrow(() -> OperatorException.input("no database is named, expected"
                        + " jdbc:postgresql://HOST:PORT/DATABASE?user=…&password=…; set " + DATABASE_VARIABLE));
        Migrations.requireCurrent(DatabaseAccess.dataSource(url));
        return new Submitted(url);
    }

    private static final class Submitted implements JobSite {
        private final String databaseUrl;
        private Optional<SparkSession> spark = Optional.empty();

        Submitted(String databaseUrl) {
            this.databaseUrl = databaseUrl;
        }

        @Override
        public SparkSession spark() {
            // The application's name is spark-submit's to say.
            SparkSession session = spark.orElseGet(() -> SparkSession.builder()
                    .config("spark.sql.session.timeZone", "UTC")
                    .getOrCreate());
            spark = Optional.of(session);
            return session;
        }

        @Override
        public String databaseUrl() {
            return databaseUrl;
        }

        @Override
        public InstantSource clock() {
            return Clock.systemUTC();
        }

        @Override
        public void close() {
            spark.ifPresent(SparkSession::stop);
        }
    }
}
