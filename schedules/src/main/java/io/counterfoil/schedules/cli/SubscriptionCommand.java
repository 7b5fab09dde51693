package io.counterfoil.schedules.cli;

import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.KeyLifeStore;
import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.account.SubscriptionStore;
import io.counterfoil.sql.account.SubscriptionStore.Change;
import io.counterfoil.sql.account.SubscriptionStore.Subject;
import io.counterfoil.sql.report.Report;
import org.jdbi.v3.core.Jdbi;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

@Command(
        name = "subscription",
        description = "Which version of a plan is in force for an account, or for a key of its own, by the hour.",
        mixinStandardHelpOptions = true)
final class SubscriptionCommand {
    private static final String HOUR =
            "A whole hour of UTC, past (as long as it is not billed) or ahead: 2026-11-01T05:00:00Z, or a date. Default: this hour.";

    private final Counterfoil root;

    SubscriptionCommand(Counterfoil root) {
        this.root = root;
    }

    /** Whose. */
    static final class Whose {
        @Option(
                names = "--account",
                required = true,
                paramLabel = "NAME",
                description = "Of its keys without an own one.")
        private String account;

        @Option(
                names = "--key",
                required = true,
                paramLabel = "LABEL",
                description = "This key's own, whatever its account's.")
        private String key;

        Subject subject(Jdbi jdbi) {
            return key == null
                    ? new Subject(new AccountStore(jdbi).require(account), Optional.empty())
                    : new KeyLifeStore(jdbi).subject(key);
        }

        String text() {
            return key == null ? "account " + account : "key " + key;
        }
    }

    @Command(
            name = "create",
            description = {
                "Put a version of a plan in force from an hour on, in place of the one before.",
                "Limits follow at once, or with the first rollup after the hour; bills by the hours themselves."
            },
            mixinStandardHelpOptions = true)
    int create(
            @ArgGroup(multiplicity = "1") Whose whose,
            @Option(
                            names = "--plan",
                            required = true,
                            paramLabel = "NAME[@VERSION]",
                            description = "Which. Default: its latest version.")
                    String plan,
            @Option(names = "--since", paramLabel = "HOUR", description = HOUR) Optional<String> since,
            @Option(names = "--reason", paramLabel = "TEXT", description = "Why; kept.") Optional<String> reason,
            @Mixin ActorOption actor)
            throws Exception {
        return root.withDatabase(jdbi -> {
            PlanStore.Version version = new PlanStore(jdbi).requireVersion(plan);
            Change change = change(jdbi, whose, Optional.of(version.id()), since, reason, actor);
            boolean changed = new SubscriptionStore(jdbi).subscribe(change);
            root.out()
                    .println(whose.text()
                            + (changed ? " is on plan " : " is on that plan then already: ")
                            + version.text()
                            + (changed ? " from " + change.since() + " on" : ""));
            return 0;
        });
    }

    @Command(
            name = "end",
            description = "No plan from an hour on; for a key, its account's again.",
            mixinStandardHelpOptions = true)
    int end(
            @ArgGroup(multiplicity = "1") Whose whose,
            @Option(names = "--since", paramLabel = "HOUR", description = HOUR) Optional<String> since,
            @Option(names = "--reason", paramLabel = "TEXT", description = "Why; kept.") Optional<String> reason,
            @Mixin ActorOption actor)
            throws Exception {
        return root.withDatabase(jdbi -> {
            Change change = change(jdbi, whose, Optional.empty(), since, reason, actor);
            boolean changed = new SubscriptionStore(jdbi).subscribe(change);
            root.out()
                    .println(whose.text()
                            + (changed
                                    ? " has no plan of its own from " + change.since() + " on"
                                    : " has no plan of its own then already"));
            return 0;
        });
    }

    private Change change(
            Jdbi jdbi,
            Whose whose,
            Optional<Long> plan,
            Optional<String> since,
            Optional<String> reason,
            ActorOption actor) {
        Instant now = root.clock().instant();
        return new Change(
                whose.subject(jdbi),
                since.map(text -> Times.instant("--since", text)).orElse(now.truncatedTo(ChronoUnit.HOURS)),
                plan,
                reason.map(why -> actor.because(why, now)).orElseGet(() -> actor.decision("by command", now)),
                "--since");
    }

    @Command(name = "list", description = "Subscriptions, replaced ones too.", mixinStandardHelpOptions = true)
    int list(
            @Option(names = "--account", paramLabel = "NAME", description = "Only this account's.") String account,
            @Mixin RowsOption rows)
            throws Exception {
        Map<String, String> parameters = new HashMap<>();
        parameters.put("at", root.clock().instant().toString());
        Optional.ofNullable(account).ifPresent(name -> parameters.put("account", name));
        return rows.print(root, Report.listOf("subscriptions"), parameters, jdbi -> requireIfNamed(jdbi, account));
    }

    @Command(
            name = "import",
            description = {
                "Take over subscriptions: all of the file, or nothing.",
                "FILE.csv has a header: account,plan,since; also key (a label), version, actor, reason. No plan: none from then on."
            },
            mixinStandardHelpOptions = true)
    int importSubscriptions(@Parameters(paramLabel = "FILE.csv") Path file, @Mixin ActorOption actor) throws Exception {
        Instant now = root.clock().instant();
        return root.withDatabase(jdbi -> {
            List<Change> changes = SubscriptionFile.read(file, jdbi, actor.decision("subscription import", now));
            int made = new SubscriptionStore(jdbi).subscribe(changes, now);
            root.out().println(made + " subscriptions imported, " + (changes.size() - made) + " were there already");
            return 0;
        });
    }

    @Command(
            name = "export",
            description = "Subscriptions as CSV, as 'subscription import' reads them; replaced ones are left out.",
            mixinStandardHelpOptions = true)
    int export(@Option(names = "--account", paramLabel = "NAME", description = "Only this account's.") String account)
            throws Exception {
        Map<String, String> parameters = account == null ? Map.of() : Map.of("account", account);
        return root.withDatabase(jdbi -> {
            requireIfNamed(jdbi, account);
            Report.listOf("subscription-export").run(jdbi, parameters, new SheetRows(root.out()));
            return 0;
        });
    }

    private static void requireIfNamed(Jdbi jdbi, String account) {
        if (account != null) {
            new AccountStore(jdbi).require(account);
        }
    }
}
