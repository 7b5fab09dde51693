package io.counterfoil.edge;

import io.counterfoil.sql.OperatorException;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.MissingArgumentException;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;
import org.apache.commons.cli.help.HelpFormatter;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What the edge's process is started with. Commons CLI and not picocli, which the launcher has: picocli's classes are of a form
 * that no class archive takes, and with them reading ten options was a third of an edge's start (bench/RESULTS.md).
 */
final class EdgeArguments {
    private static final Option CONFIG = option("config", "FILE", "Settings: edge.yaml. Required.");
    private static final Option DATA = option("data", "DIR", "Folder of the log, in place of the file's 'data'.");
    private static final Option LANDING =
            option("landing", "DIR|s3://BUCKET/PREFIX", "In place of the file's 'landing'.");
    private static final Option HOME =
            option("home", "DIR", "Holds 'edge' (data) and 'landing' where neither the file nor an option names them.");
    private static final Option NAME = option("name", "NAME", "In place of the file's 'edge'.");
    private static final Option LISTEN =
            option("listen", "HOST:PORT", "In place of the file's 'listen'. Port 0 takes any free one.");
    private static final Option ACCEPT_SNAPSHOT = option(
            "accept-snapshot",
            "VERSION",
            "Take that version of keys and flags though it was refused as looking wrong.");
    private static final Option READY_FILE =
            option("ready-file", "FILE", "Written with the real HOST:PORT once requests are answered.");
    private static final Option CHECK =
            flag("check", "Read the settings and all they name, tell every fault, and end.");
    private static final Option STOP_WITH_PARENT = flag(
            "stop-with-parent",
            "Stop cleanly when standard input ends, as it does when whoever started this process dies.");
    private static final Option HELP =
            Option.builder("h").longOpt("help").desc("Show this.").get();

    private static final Options ALL = new Options()
            .addOption(CONFIG)
            .addOption(DATA)
            .addOption(LANDING)
            .addOption(HOME)
            .addOption(NAME)
            .addOption(LISTEN)
            .addOption(ACCEPT_SNAPSHOT)
            .addOption(CHECK)
            .addOption(READY_FILE)
            .addOption(STOP_WITH_PARENT)
            .addOption(HELP);

    private final CommandLine given;

    private EdgeArguments(CommandLine given) {
        this.given = given;
    }

    /** @throws OperatorException category INPUT where an argument is not known, or one is missing */
    static EdgeArguments parse(String[] args) {
        try {
            CommandLine given =
                    DefaultParser.builder().setAllowPartialMatching(false).get().parse(ALL, args);
            if (!given.getArgList().isEmpty()) {
                throw wrong("argument '" + given.getArgList().get(0) + "' belongs to no option");
            }
            if (!given.hasOption(CONFIG) && !given.hasOption(HELP)) {
                throw wrong("--config FILE is missing");
            }
            Set<Option> once = new HashSet<>();
            for (Option option : given.getOptions()) {
                if (!once.add(option)) {
                    throw wrong("--" + option.getLongOpt() + " is given twice");
                }
            }
            return new EdgeArguments(given);
        } catch (MissingArgumentException e) {
            throw wrong("--" + e.getOption().getLongOpt() + " has no value, expected "
                    + e.getOption().getArgName());
        } catch (ParseException e) {
            throw wrong(e.getMessage());
        }
    }

    private static OperatorException wrong(String what) {
        return OperatorException.input(what + "; see --help");
    }

    private static Option option(String name, String value, String description) {
        return Option.builder()
                .longOpt(name)
                .hasArg()
                .argName(value)
                .desc(description)
                .get();
    }

    private static Option flag(String name, String description) {
        return Option.builder().longOpt(name).desc(description).get();
    }

    static void printHelp() throws IOException {
        HelpFormatter.builder()
                .setShowSince(false)
                .get()
                .printHelp(
                        "counterfoil edge run",
                        "Answers API requests by key and logs each before its last byte leaves.",
                        ALL,
                        "",
                        true);
    }

    boolean help() {
        return given.hasOption(HELP);
    }

    Path config() {
        return path(CONFIG).orElseThrow();
    }

    Optional<Path> data() {
        return path(DATA);
    }

    Optional<String> landing() {
        return value(LANDING);
    }

    Optional<Path> home() {
        return path(HOME);
    }

    Optional<String> name() {
        return value(NAME);
    }

    Optional<String> listen() {
        return value(LISTEN);
    }

    Optional<String> acceptSnapshot() {
        return value(ACCEPT_SNAPSHOT);
    }

    Optional<Path> readyFile() {
        return path(READY_FILE);
    }

    boolean check() {
        return given.hasOption(CHECK);
    }

    boolean stopWithParent() {
        return given.hasOption(STOP_WITH_PARENT);
    }

    private Optional<String> value(Option option) {
        return Optional.ofNullable(given.getOptionValue(option));
    }

    private Optional<Path> path(Option option) {
        try {
            return value(option).map(Path::of);
        } catch (InvalidPathException e) {
            throw wrong(
                    "--" + option.getLongOpt() + " is '" + e.getInput() + "', which names no file: " + e.getReason());
        }
    }
}
