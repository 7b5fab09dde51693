package io.counterfoil.edge;

import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.edge.collector.Collector;
import io.counterfoil.edge.config.ConfigFile;
import io.counterfoil.edge.config.EdgeConfig;
import io.counterfoil.edge.config.Overrides;
import io.counterfoil.edge.feed.SnapshotFeed;
import io.counterfoil.edge.listener.BearerTokens;
import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * The edge's process. Exit codes: 0 stopped cleanly, 2 settings, 3 corrupt data, 4 a dependency is down, 1 a defect. The database's
 * URL comes from the environment or the file, never from the arguments, which everyone on the machine can read.
 */
public final class EdgeMain {
    private static final String DATABASE_URL = "COUNTERFOIL_DATABASE_URL";
    private static final String CLOCK_OFFSET = "COUNTERFOIL_CLOCK_OFFSET";
    private static final int OK = 0;
    private static final int DEFECT = 1;

    private final EdgeArguments arguments;
    private final Map<String, String> environment;
    /** What the process ends with once it is told to, or tells itself. */
    private volatile int exitCode = OK;

    private EdgeMain(EdgeArguments arguments, Map<String, String> environment) {
        this.arguments = arguments;
        this.environment = environment;
    }

    /** Runs until it is told to stop (SIGTERM, SIGINT). */
    public static void main(String[] args) {
        EngineProperties.set();
        System.exit(run(args, System.getenv()));
    }

    /** Returns the exit code where the process is not to go on; it does not return while the edge answers. */
    static int run(String[] args, Map<String, String> environment) {
        try {
            EdgeArguments arguments = EdgeArguments.parse(args);
            if (arguments.help()) {
                EdgeArguments.printHelp();
                return OK;
            }
            return new EdgeMain(arguments, environment).run();
        } catch (OperatorException e) {
            System.err.println(e.getMessage());
            return e.exitCode();
        } catch (Exception | Error e) {
            System.err.println("defect in the edge, please report it:");
            e.printStackTrace();
            return DEFECT;
        }
    }

    private int run() throws IOException, InterruptedException {
        Duration offset = clockOffset();
        Clock clock = offset.isZero() ? Clock.systemUTC() : Clock.offset(Clock.systemUTC(), offset);
        OperatorOutput output = new OperatorOutput(System.out, clock);
        if (!offset.isZero()) {
            output.accept("clock is set off by " + offset + " (" + CLOCK_OFFSET + "), for rehearsals only");
        }
        long looked = FollowedFiles.looks(arguments.config());
        EdgeConfig settings = read();
        if (arguments.check()) {
            EdgeCheck.check(settings);
            System.out.println(arguments.config() + " is right: "
                    + settings.routing().routes().size() + " routes");
            return OK;
        }
        Edge edge = Edge.start(settings, secrets(settings), clock, output);
        // First of all: it answers already, and may be told to stop.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(edge), "counterfoil-stop"));
        try {
            edge.follow(arguments.config(), looked, this::read);
            OsSignal.on("HUP", edge::reload);
            if (arguments.stopWithParent()) {
                startParentWatch();
            }
            arguments.readyFile().ifPresent(file -> writeReady(file, edge));
            new CountDownLatch(1).await();
            return OK;
        } catch (OperatorException e) {
            exitCode = e.exitCode();
            throw e;
        } catch (RuntimeException | Error e) {
            exitCode = DEFECT;
            throw e;
        }
    }

    private static void writeReady(Path file, Edge edge) {
        try {
            DurableFiles.replace(file, (edge.address() + "\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw OperatorException.input("--ready-file " + file + " cannot be written: " + e.getMessage()
                    + "; name a file in a folder that is there and may be written");
        }
    }

    private EdgeConfig read() {
        // Made anew each time: it notes which of its values were asked for.
        Overrides overrides = Overrides.of(environment)
                .option("edge", "--name", arguments.name())
                .option("listen", "--listen", arguments.listen())
                .option("accept_snapshot", "--accept-snapshot", arguments.acceptSnapshot())
                .option(
                        "data",
                        "--data",
                        arguments.data().map(path -> path.toAbsolutePath().toString()))
                .option("landing", "--landing", arguments.landing().map(EdgeMain::fromHere));
        return ConfigFile.read(arguments.config(), overrides, arguments.home());
    }

    /** A folder of the command line is relative to where the command is given, not to the file. */
    private static String fromHere(String address) {
        return address.startsWith("s3://")
                ? address
                : Path.of(address).toAbsolutePath().toString();
    }

    private static void startParentWatch() {
        Thread watch = new Thread(
                () -> {
                    try {
                        System.in.transferTo(OutputStream.nullOutputStream());
                    } catch (IOException e) {
                        System.err.println("standard input broke, stopping: " + e.getMessage());
                    }
                    System.exit(OK);
                },
                "counterfoil-parent-watch");
        watch.setDaemon(true);
        watch.start();
    }

    /** Runs as the process is told to stop; a Java process would then exit with the signal's code, a clean stop is 0. */
    private void stop(Edge edge) {
        try {
            edge.drain();
        } catch (IOException | RuntimeException e) {
            System.err.println("edge did not stop cleanly, the next start recovers its log: " + e);
            exitCode = DEFECT;
        }
        System.out.flush();
        Runtime.getRuntime().halt(exitCode);
    }

    private EdgeSecrets secrets(EdgeConfig settings) {
        return new EdgeSecrets(
                databaseUrl(settings),
                BearerTokens.parse(SnapshotFeed.TOKENS, environment.getOrDefault(SnapshotFeed.TOKENS, "")),
                Collector.tokens(environment.getOrDefault(Collector.TOKENS, "")));
    }

    private String databaseUrl(EdgeConfig settings) {
        return Optional.ofNullable(environment.get(DATABASE_URL))
                .filter(url -> !url.isBlank())
                .or(settings::database)
                .orElseThrow(() -> OperatorException.input("no database is named: set " + DATABASE_URL
                        + " to jdbc:postgresql://HOST:PORT/DATABASE?user=…, or 'database' in " + arguments.config()));
    }

    private Duration clockOffset() {
        String text = environment.getOrDefault(CLOCK_OFFSET, "");
        if (text.isBlank()) {
            return Duration.ZERO;
        }
        try {
            return Duration.parse(text);
        } catch (DateTimeException e) {
            throw OperatorException.input(CLOCK_OFFSET + " is '" + text
                    + "', expected an ISO 8601 duration as in PT42M10S or -PT5S; mend or unset it");
        }
    }
}
