package io.counterfoil.schedules.cli;

import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.KeyLifeStore;
import io.counterfoil.sql.limits.LimitStore;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.report.Report;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

@Command(
        name = "override",
        description = "Another quota for one key or one account, whatever its plan.",
        mixinStandardHelpOptions = true)
final class OverrideCommand {
    private final Counterfoil root;

    OverrideCommand(Counterfoil root) {
        this.root = root;
    }

    /** Whose. */
    static final class Subject {
        @Option(names = "--key", required = true, paramLabel = "LABEL", description = "This key's.")
        private String key;

        @Option(
                names = "--account",
                required = true,
                paramLabel = "NAME",
                description = "This account's: of its keys that have none of their own, and of limits per account.")
        private String account;
    }

    @Command(
            name = "create",
            description = {
                "Put another quota in place of that of the limits of this window and measure.",
                "A key's goes before its account's, a newer one before an older."
            },
            mixinStandardHelpOptions = true)
    int create(
            @ArgGroup(multiplicity = "1") Subject subject,
            @Option(names = "--limit", required = true, paramLabel = "N/WINDOW", description = "As in 'plan create'.")
                    String limit,
            @Option(
                            names = "--over",
                            paramLabel = "ACTION",
                            description = "Only of limits that then refuse, warn or notify. Default: of all.")
                    String action,
            @Option(
                            names = "--until",
                            defaultValue = "never",
                            paramLabel = "WHEN",
                            description =
                                    "When it ends by itself: a time, a date, how long from now (7d). Default: never.")
                    String until,
            @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why; kept.") String reason,
            @Mixin ActorOption actor)
            throws Exception {
        Instant now = root.clock().instant();
        UsageLimit parsed = UsageLimit.parse(limit, action == null ? "refuse" : action);
        Optional<Instant> end = Times.end("--until", until, now);
        return root.withDatabase(jdbi -> {
            long id = new LimitStore(jdbi)
                    .override(
                            new LimitStore.NewOverride(
                                    Optional.ofNullable(subject.key).map(new KeyLifeStore(jdbi)::require),
                                    Optional.ofNullable(subject.account).map(new AccountStore(jdbi)::require),
                                    parsed.window(),
                                    parsed.measure(),
                                    Optional.ofNullable(action),
                                    parsed.quota(),
                                    end),
                            actor.because(reason, now));
            root.out()
                    .println("override " + id + ": " + parsed.text() + " for "
                            + (subject.key == null ? "account " + subject.account : "key " + subject.key)
                            + end.map(time -> " until " + time).orElse(""));
            return 0;
        });
    }

    @Command(name = "end", description = "End an override before its time.", mixinStandardHelpOptions = true)
    int end(
            @Parameters(paramLabel = "NUMBER", description = "As 'override list' shows it.") long id,
            @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why; kept.") String reason,
            @Mixin ActorOption actor)
            throws Exception {
        return root.withDatabase(jdbi -> {
            new LimitStore(jdbi)
                    .endOverride(id, actor.because(reason, root.clock().instant()));
            root.out().println("override " + id + " is ended");
            return 0;
        });
    }

    @Command(name = "list", description = "Overrides, ended ones too.", mixinStandardHelpOptions = true)
    int list(@Mixin RowsOption rows) throws Exception {
        return rows.print(
                root,
                Report.listOf("overrides"),
                Map.of("at", root.clock().instant().toString()));
    }
}
