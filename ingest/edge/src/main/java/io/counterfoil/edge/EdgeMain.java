package io.counterfoil.edge;

import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.edge.config.ConfigFile;
import io.counterfoil.edge.config.EdgeConfig;
import io.counterfoil.edge.config.Overrides;
import io.counterfoil.sql.OperatorException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/**
 * The edge's process. Exit codes: 0 stopped cleanly, 2 settings, 3 corrupt data, 4 a dependency is down, 1 a defect. The database's
 * URL comes from the environment or the file, never from the arguments, which everyone on the machine can read.
 */
@Command(
        name = "counterfoil edge run",
        description = "Answers API requests by key and logs each before its last byte leaves.",
        mixinStandardHelpOptions = true)
public final class EdgeMain implements Callable<Integer> {
    private static final String DATABASE_URL = "COUNTERFOIL_DATABASE_URL";
    private static final String CLOCK_OFFSET = "COUNTERFOIL_CLOCK_OFFSET";

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "Settings: edge.yaml.")
    private Path config;

    @Option(names = "--data", paramLabel = "DIR", description = "Folder of the log, in place of the file's 'data'.")
    private Optional<Path> data = Optional.empty();

    @Option(
            names = "--landing",
            paramLabel = "DIR|s3://BUCKET/PREFIX",
            description = "In place of the file's 'landing'.")
    private Optional<String> landing = Optional.empty();

    @Option(
            names = "--home",
            paramLabel = "DIR",
            description = "Holds 'edge' (data) and 'landing' where neither the file nor an option names them.")
    private Optional<Path> home = Optional.empty();

    @Option(names = "--name", paramLabel = "NAME", description = "In place of the file's 'edge'.")
    private Optional<String> name = Optional.empty();

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "In place of the file's 'listen'. Port 0 takes any free one.")
    private Optional<String> listen = Optional.empty();

    @Option(
            names = "--accept-snapshot",
            paramLabel = "VERSION",
            description = "Take that version of keys and flags though it was refused as looking wrong.")
    private Optional<String> acceptSnapshot = Optional.empty();

    @Option(names = "--check", description = "Read the settings and all they name, tell every fault, and end.")
    private boolean check;

    @Option(
            names = "--ready-file",
            paramLabel = "FILE",
            description = "Written with the real HOST:PORT once requests are answered.")
    private Optional<Path> readyFile = Optional.empty();

    @Option(
            names = "--stop-with-parent",
            description = "Stop cleanly when standard input ends, as it does when whoever started this process dies.")
    private boolean stopWithParent;

    private final Map<String, String> environment;

    private EdgeMain(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Runs until it is told to stop (SIGTERM, SIGINT). */
    public static void main(String[] args) {
        EngineProperties.set();
        System.exit(commandLine(System.getenv()).execute(args));
    }

    static CommandLine commandLine(Map<String, String> environment) {
        return new CommandLine(new EdgeMain(environment))
                .setParameterExceptionHandler((e, args) -> {
                    System.err.println(e.getMessage() + "; see --help");
                    return CommandLine.ExitCode.USAGE;
                })
                .setExecutionExceptionHandler((e, command, parsed) -> {
                    if (e instanceof OperatorException fault) {
                        System.err.println(fault.getMessage());
                        return fault.exitCode();
                    }
                    System.err.println("defect in the edge, please report it:");
                    e.printStackTrace();
                    return CommandLine.ExitCode.SOFTWARE;
                });
    }

    @Override
    public Integer call() throws Exception {
        Duration offset = clockOffset();
        Clock clock = offset.isZero() ? Clock.systemUTC() : Clock.offset(Clock.systemUTC(), offset);
        OperatorOutput output = new OperatorOutput(System.out, clock);
        if (!offset.isZero()) {
            output.accept("clock is set off by " + offset + " (" + CLOCK_OFFSET + "), for rehearsals only");
        }
        EdgeConfig settings = read();
        if (check) {
            EdgeCheck.check(settings);
            System.out.println(
                    config + " is right: " + settings.routing().routes().size() + " routes");
            return CommandLine.ExitCode.OK;
        }
        Edge edge = Edge.start(settings, databaseUrl(settings), clock, output);
        edge.follow(config, this::read);
        OsSignal.on("HUP", edge::reload);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(edge), "counterfoil-stop"));
        if (stopWithParent) {
            startParentWatch();
        }
        if (readyFile.isPresent()) {
            String address = edge.address() + "\n";
            DurableFiles.replace(readyFile.get(), address.getBytes(StandardCharsets.US_ASCII));
        }
        new CountDownLatch(1).await();
        return CommandLine.ExitCode.OK;
    }

    private EdgeConfig read() {
        // Made anew each time: it notes which of its values were asked for.
        Overrides overrides = Overrides.of(environment)
                .option("edge", "--name", name)
                .option("listen", "--listen", listen)
                .option("accept_snapshot", "--accept-snapshot", acceptSnapshot)
                .option("data", "--data", data.map(path -> path.toAbsolutePath().toString()))
                .option("landing", "--landing", landing.map(EdgeMain::fromHere));
        return ConfigFile.read(config, overrides, home);
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
                    System.exit(CommandLine.ExitCode.OK);
                },
                "counterfoil-parent-watch");
        watch.setDaemon(true);
        watch.start();
    }

    /** Runs as the process is told to stop; a Java process would then exit with the signal's code, a clean stop is 0. */
    private static void stop(Edge edge) {
        int exitCode = CommandLine.ExitCode.OK;
        try {
            edge.drain();
        } catch (IOException | RuntimeException e) {
            System.err.println("edge did not stop cleanly, the next start recovers its log: " + e);
            exitCode = CommandLine.ExitCode.SOFTWARE;
        }
        System.out.flush();
        Runtime.getRuntime().halt(exitCode);
    }

    private String databaseUrl(EdgeConfig settings) {
        return Optional.ofNullable(environment.get(DATABASE_URL))
                .filter(url -> !url.isBlank())
                .or(settings::database)
                .orElseThrow(() -> OperatorException.input("no database is named: set " + DATABASE_URL
                        + " to jdbc:postgresql://HOST:PORT/DATABASE?user=…, or 'database' in " + config));
    }

    private Duration clockOffset() {
        String text = environment.getOrDefault(CLOCK_OFFSET, "PT0S");
        try {
            return Duration.parse(text);
        } catch (DateTimeException e) {
            throw OperatorException.input(CLOCK_OFFSET + " is '" + text
                    + "', expected an ISO 8601 duration as in PT42M10S or -PT5S; mend or unset it");
        }
    }
}
