package io.counterfoil.schedules.cli;

import io.counterfoil.jobs.imports.FollowJob;
import io.counterfoil.jobs.imports.ImportJob;
import io.counterfoil.jobs.imports.ImportResult;
import io.counterfoil.jobs.imports.ImportSettings;
import io.counterfoil.schedules.home.Database;
import io.counterfoil.schedules.home.Home;
import io.counterfoil.sql.OperatorException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

@Command(
        name = "import",
        description = {
            "Take over an access log that another server wrote.",
            "The same file may be imported again, whole or grown: it goes on where it ended. A malformed line is kept as a reject"
                    + " with its place and never stops the import."
        },
        mixinStandardHelpOptions = true)
final class ImportCommand implements Callable<Integer> {
    private static final double MIN_EVERY_SECONDS = 0.1;
    private static final double MAX_EVERY_SECONDS = 3600;

    private final Counterfoil root;

    @Option(
            names = "--format",
            required = true,
            paramLabel = "F",
            description = "combined (nginx, Apache), json, csv, cloudfront, cloudflare (Logpush), alb or iis.")
    private String format;

    @Option(
            names = "--key-from",
            required = true,
            paramLabel = "K",
            description = "Who called: user, address, query:PARAMETER, or the name of a field (all but combined).")
    private String keyFrom;

    @Option(
            names = "--source",
            required = true,
            paramLabel = "NAME",
            description = "What this log is called here; part of every record's identity.")
    private String source;

    @Option(
            names = "--map",
            paramLabel = "FILE",
            description =
                    "Names the fields: lines 'time = FIELD', also key, method, path, query, status, bytes, bytes_in,"
                            + " duration or start, units, route, decision, request_id, user, address, request.")
    private Path map;

    @Option(
            names = "--create-keys",
            description = "Make a key, of an account named as the source, for each unknown caller.")
    private boolean createKeys;

    @Option(
            names = "--unknown-as-none",
            description = "Count unknown callers under no key instead of stopping before them.")
    private boolean unknownAsNone;

    @Option(
            names = "--take-unterminated",
            description =
                    "Take a last line that no newline ends; without it such a line waits for the next import. Not with --follow.")
    private boolean takeUnterminated;

    @Option(
            names = "--follow",
            description = {
                "Go on until Ctrl-C or SIGTERM: FILE is one log that is being written. Rotation by renaming and by copytruncate is"
                        + " seen; the files that it was rotated to (FILE.1, FILE.2.gz, FILE-20261031) are taken over too, each line once."
            })
    private boolean follow;

    @Option(
            names = "--every",
            paramLabel = "SECONDS",
            defaultValue = "1",
            description = "With --follow: how often to publish what is new, 0.1 to 3600. Default: ${DEFAULT-VALUE}.")
    private double everySeconds;

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "Plain or .gz; - is standard input.")
    private List<String> files;

    ImportCommand(Counterfoil root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        ImportSettings settings = new ImportSettings(
                format, keyFrom, source, Optional.ofNullable(map), createKeys, unknownAsNone, takeUnterminated);
        if (follow) {
            return follow(settings);
        }
        for (String file : files) {
            if (!file.equals("-") && !Files.isReadable(Path.of(file))) {
                throw OperatorException.input("log file " + file
                        + (Files.exists(Path.of(file)) ? " cannot be read" : " does not exist")
                        + "; expected a log file, plain or .gz, or - for standard input. Nothing was imported");
            }
        }
        Home home = root.home();
        try (Database database = root.openDatabase(home)) {
            ImportJob job = new ImportJob(
                    home.landing(),
                    database.jdbcUrl(),
                    root.clock(),
                    lines -> root.err().printf("  %,d lines%n", lines));
            for (String file : files) {
                ImportResult result = file.equals("-")
                        ? job.run(settings, "standard-input", System.in)
                        : job.run(settings, Path.of(file));
                root.out().println(summary(result));
            }
        }
        root.err().println("count them with: counterfoil job rollup");
        return 0;
    }

    private int follow(ImportSettings settings) {
        if (files.size() != 1 || files.get(0).equals("-")) {
            throw OperatorException.input("--follow has " + files.size() + " files (" + String.join(", ", files)
                    + "), expected the one that is being written; start one process for each log");
        }
        if (!(everySeconds >= MIN_EVERY_SECONDS && everySeconds <= MAX_EVERY_SECONDS)) {
            throw OperatorException.input("--every is " + everySeconds + ", expected " + MIN_EVERY_SECONDS + " to "
                    + MAX_EVERY_SECONDS + " seconds");
        }
        CountDownLatch stop = StopSignal.install();
        Home home = root.home();
        try (Database database = root.openDatabase(home)) {
            FollowJob job = new FollowJob(
                    home.landing(),
                    database.jdbcUrl(),
                    root.clock(),
                    line -> root.err().println(line));
            Duration every = Duration.ofMillis(Math.round(everySeconds * 1000));
            root.out().println(summary(job.run(settings, Path.of(files.get(0)), every, stop)));
        }
        return 0;
    }

    static String summary(ImportResult result) {
        StringBuilder text = new StringBuilder();
        text.append(String.format("%s: %,d requests", result.file(), result.requests()));
        text.append(String.format(", %,d rejects", result.rejects()));
        append(text, result.skipped(), "comment or header lines");
        append(text, result.leftOut(), result.leftOutWhat() + " left out");
        append(text, result.createdKeys(), "new keys");
        append(text, result.withoutKey(), "requests without a key");
        append(text, result.unknownKey(), "requests with a key that nobody knows");
        append(text, result.importedBefore(), "bytes were imported before");
        append(text, result.unterminated(), "bytes behind the last newline wait for their line's end");
        return text.toString();
    }

    private static void append(StringBuilder text, long count, String what) {
        if (count > 0) {
            text.append(String.format(", %,d %s", count, what));
        }
    }
}
