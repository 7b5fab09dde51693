package io.counterfoil.jobs.cli;

import picocli.CommandLine;

import java.io.PrintStream;
import java.util.Optional;

/** The jobs as commands: {@code spark-submit} and the command line offer the same ones. */
public final class JobCommands {
    private JobCommands() {}

    /**
     * Where jobs find things, where no option says so; read when a command runs.
     *
     * @param landing of {@code --landing}; empty: it has to be given
     */
    public record Defaults(java.util.function.Supplier<Optional<String>> landing) {}

    /** Adds every job to the command. */
    public static CommandLine addTo(
            CommandLine parent, JobSite.Opener site, Defaults defaults, PrintStream out, PrintStream err) {
        return parent.addSubcommand("rollup", new RollupCommand(site, defaults, out, err));
    }
}
