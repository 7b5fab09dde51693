package io.counterfoil.schedules.cli;

import io.counterfoil.schedules.home.Database;
import io.counterfoil.schedules.home.Home;
import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.Migrations;
import io.counterfoil.sql.OperatorException;
import org.jdbi.v3.core.Jdbi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** The command line's root: what every command shares. */
@Command(
        name = "counterfoil",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Count, limit and bill API keys from access logs; no request waits for a counter.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Start with: counterfoil demo",
            "Exit codes: 0 done, 2 input or settings, 3 corrupt data, 4 dependency down, 1 bug"
        })
public final class Counterfoil {
    /** The environment's name for {@code --database}; a password belongs there rather than on a command line. */
    public static final String DATABASE_VARIABLE = "COUNTERFOIL_DATABASE_URL";

    /** For rehearsals: shifts this program's clock and the edge's by an ISO 8601 duration. */
    public static final String CLOCK_VARIABLE = "COUNTERFOIL_CLOCK_OFFSET";

    private final PrintStream out;
    private final PrintStream err;

    @Option(
            names = "--home",
            scope = ScopeType.INHERIT,
            paramLabel = "DIR",
            description =
                    "Where everything is kept: embedded Postgres, landing, edge data. Also COUNTERFOIL_HOME. Default:"
                            + " .counterfoil beside the launcher.")
    private Path home;

    @Option(
            names = "--database",
            scope = ScopeType.INHERIT,
            paramLabel = "URL",
            description = "jdbc:postgresql://HOST:PORT/DATABASE?user=…&password=… of a real server. Also"
                    + " COUNTERFOIL_DATABASE_URL. Default: the embedded Postgres of the home.")
    private String database;

    Counterfoil(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    public PrintStream out() {
        return out;
    }

    /** Progress and what went wrong, so that results can be piped. */
    public PrintStream err() {
        return err;
    }

    public Home home() {
        return Home.resolve(Optional.ofNullable(home));
    }

    public Optional<String> databaseUrl() {
        return Optional.ofNullable(database == null ? System.getenv(DATABASE_VARIABLE) : database)
                .filter(url -> !url.isBlank());
    }

    public Clock clock() {
        String offset = System.getenv(CLOCK_VARIABLE);
        if (offset == null || offset.isBlank()) {
            return Clock.systemUTC();
        }
        try {
            return Clock.offset(Clock.systemUTC(), Duration.parse(offset));
        } catch (DateTimeParseException e) {
            throw OperatorException.input(CLOCK_VARIABLE + " is '" + offset + "', expected a duration as PT42M10S");
        }
    }

    /** A migrated database, held until closed. */
    public Database openDatabase(Home at) {
        Database opened = Database.open(at, databaseUrl(), err::println);
        try {
            Migrations.migrate(DatabaseAccess.dataSource(opened.jdbcUrl()));
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
        return opened;
    }

    /** What a command does with the database. */
    @FunctionalInterface
    public interface Work {
        int run(Jdbi jdbi) throws Exception;
    }

    /** Opens the home's database, works, closes it. */
    int withDatabase(Work work) throws Exception {
        try (Database opened = openDatabase(home())) {
            return work.run(DatabaseAccess.jdbi(DatabaseAccess.dataSource(opened.jdbcUrl())));
        }
    }
}
