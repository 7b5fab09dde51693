package io.counterfoil.jobs.cli;

import io.counterfoil.jobs.notify.WebhookKey;
import picocli.CommandLine;

import java.io.PrintStream;
import java.util.Optional;
import java.util.function.Supplier;

/** The jobs as commands: {@code spark-submit} and the command line offer the same ones. */
public final class JobCommands {
    private JobCommands() {}

    /**
     * Where jobs find things, where no option says so; read when a command runs.
     *
     * @param landingDefault of {@code --landing}; empty: it has to be given
     * @param archiveDefault of {@code --archive}; empty: it has to be given
     * @param webhookKey where the environment has none
     */
    public record Defaults(
            Supplier<Optional<String>> landingDefault,
            Supplier<Optional<String>> archiveDefault,
            Supplier<Optional<WebhookKey>> webhookKey) {
        /** Nothing has a default. */
        public static final Defaults NONE = new Defaults(Optional::empty, Optional::empty, Optional::empty);

        Optional<String> landing() {
            return landingDefault.get();
        }

        Optional<String> archive() {
            return archiveDefault.get();
        }
    }

    /** Adds every job to the command. */
    public static CommandLine addTo(
            CommandLine parent, JobSite.Opener site, Defaults defaults, PrintStream out, PrintStream err) {
        return parent.addSubcommand("rollup", new RollupCommand(site, defaults, out, err))
                .addSubcommand("archive", new ArchiveCommand(site, defaults, out, err))
                .addSubcommand("audit", new AuditCommand(site, defaults, out))
                .addSubcommand("retain", new RetainCommand(site, defaults, out))
                .addSubcommand("overshoot", new OvershootCommand(site, defaults, out))
                .addSubcommand("notify", new NotifyCommand(site, defaults, out, err))
                .addSubcommand("push-flags", new PushFlagsCommand(site, out, err));
    }

    /** The command that shows how a bill came about: no job, but it finds the log and the archive as jobs do. */
    public static CommandLine dispute(JobSite.Opener site, Defaults defaults, PrintStream out) {
        return new CommandLine(new DisputeCommand(site, defaults, out));
    }
}
