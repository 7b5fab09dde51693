package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.ApiKeyText;
import io.counterfoil.sql.account.KeyLifeStore;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.account.KeyTerms;
import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.report.Report;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

@Command(name = "key", description = "API keys.", mixinStandardHelpOptions = true)
final class KeyCommand {
    private static final String LABEL = "The key's label, as 'key list' shows it.";

    private final Counterfoil root;

    KeyCommand(Counterfoil root) {
        this.root = root;
    }

    @Command(
            name = "create",
            description = "Create a key and print it, this once; only its SHA-256 is kept.",
            mixinStandardHelpOptions = true)
    int create(
            @Option(names = "--account", required = true, paramLabel = "NAME", description = "Whose key.")
                    String account,
            @Option(
                            names = "--plan",
                            paramLabel = "NAME[@VERSION]",
                            description = "What it may use, of its own. Default: its account's subscription.")
                    Optional<String> plan,
            @Option(
                            names = "--label",
                            paramLabel = "L",
                            description = "What reports call it. Default: the key's public part.")
                    String label,
            @Option(
                            names = "--env",
                            defaultValue = "live",
                            paramLabel = "NAME",
                            description = "Stands in the key's text: cfk_NAME_… Default: live.")
                    String environment,
            @Option(
                            names = "--scope",
                            paramLabel = "NAME",
                            description = "What it may call beyond routes without a scope. Repeatable.")
                    List<String> scopes,
            @Option(
                            names = "--expires",
                            paramLabel = "WHEN",
                            description = "A time, a date, or how long from now: 90d. Default: never.")
                    String expires,
            @Option(names = "--external-id", paramLabel = "ID", description = "The key's id in your own systems.")
                    Optional<String> externalId,
            @Option(names = "--json", description = "Print one JSON object.") boolean json)
            throws Exception {
        Instant now = root.clock().instant();
        Optional<Instant> end = Optional.ofNullable(expires).flatMap(text -> Times.end("--expires", text, now));
        return root.withDatabase(jdbi -> {
            ApiKeyText key = ApiKeyText.generate(new SecureRandom(), environment);
            String shown = Optional.ofNullable(label).orElse(key.publicPart());
            KeyStore.NewKey row = new KeyStore.NewKey(
                    new AccountStore(jdbi).require(account),
                    plan.map(new PlanStore(jdbi)::require),
                    shown,
                    Optional.of(KeyStore.hash(key.reveal())),
                    new KeyTerms(scopes == null ? List.of() : scopes, end, false, externalId),
                    "key create");
            new KeyStore(jdbi).create(List.of(row), now);
            String ends = end.map(time -> ", until " + time).orElse("");
            show(
                    key,
                    json,
                    Map.of(
                            "label",
                            shown,
                            "account",
                            account,
                            "plan",
                            plan.orElse(""),
                            "external_id",
                            externalId.orElse("")),
                    "key " + shown + " of account " + account
                            + plan.map(own -> " on plan " + own).orElse(" on its account's plan") + ends);
            return 0;
        });
    }

    /** The one time that a key is shown. */
    private void show(ApiKeyText key, boolean json, Map<String, String> fields, String told) {
        if (json) {
            Map<String, String> all = new HashMap<>(fields);
            all.put("key", key.reveal());
            root.out().println((Object) new ObjectMapper().valueToTree(all));
        } else {
            root.err().println(told + "; keep it, it is not shown again:");
            root.out().println(key.reveal());
        }
    }

    @Command(
            name = "import",
            description = {
                "Take over the keys that your customers hold already.",
                "FILE.csv has a header: account,label,plan (empty: its account's) and key or sha256 (hex); also version (of the plan), scopes"
                        + " (separated by blanks), expires (a time or date) and external_id. Keys are hashed as they are read. All or none.",
                "Or it is what 'key export' wrote, as it is or with a column key or sha256 added. A key without one is known by its label only: its"
                        + " usage counts, and no edge admits it. Of the column state, 'disabled' is taken; the rest follows from what else is there.",
                "A key that its account has already stays as it is."
            },
            mixinStandardHelpOptions = true)
    int importKeys(@Parameters(paramLabel = "FILE.csv") Path file) throws Exception {
        return root.withDatabase(jdbi -> {
            List<KeyStore.NewKey> keys = new KeyFile(new AccountStore(jdbi), new PlanStore(jdbi)).read(file);
            int created = new KeyStore(jdbi).create(keys, root.clock().instant());
            long labels = keys.stream().filter(key -> key.sha256().isEmpty()).count();
            root.out()
                    .println(created + " keys imported, " + (keys.size() - created) + " were there already"
                            + (labels == 0
                                    ? ""
                                    : "; " + labels
                                            + " have no key or sha256 in the file: those that are new are known by"
                                            + " their label only"));
            return 0;
        });
    }

    @Command(
            name = "export",
            description = {
                "Keys as CSV, as 'key import' reads them: label, account, own plan, scopes, state, end, external id. Never a key, nor its hash."
            },
            mixinStandardHelpOptions = true)
    int export(@Option(names = "--account", paramLabel = "NAME", description = "Only this account's.") String account)
            throws Exception {
        Map<String, String> parameters = new HashMap<>();
        parameters.put("at", root.clock().instant().toString());
        Optional.ofNullable(account).ifPresent(name -> parameters.put("account", name));
        return root.withDatabase(jdbi -> {
            if (account != null) {
                new AccountStore(jdbi).require(account);
            }
            Report.listOf("key-export").run(jdbi, parameters, new SheetRows(root.out()));
            return 0;
        });
    }

    @Command(name = "list", description = "Keys with their state; never a key.", mixinStandardHelpOptions = true)
    int list(
            @Option(names = "--account", paramLabel = "NAME", description = "Only this account's.") String account,
            @Mixin RowsOption rows)
            throws Exception {
        Map<String, String> parameters = new HashMap<>();
        parameters.put("at", root.clock().instant().toString());
        Optional.ofNullable(account).ifPresent(name -> parameters.put("account", name));
        return rows.print(root, Report.listOf("keys"), parameters, jdbi -> {
            if (account != null) {
                new AccountStore(jdbi).require(account);
            }
        });
    }

    @Command(
            name = "disable",
            description = "Make a key invalid at once, on every edge.",
            mixinStandardHelpOptions = true)
    int disable(@Parameters(paramLabel = "LABEL", description = LABEL) String label) throws Exception {
        return root.withDatabase(jdbi -> {
            boolean changed = new KeyLifeStore(jdbi).disable(label, root.clock().instant());
            root.out().println("key " + label + (changed ? " is disabled" : " was disabled already"));
            return 0;
        });
    }

    @Command(name = "enable", description = "Undo 'key disable'.", mixinStandardHelpOptions = true)
    int enable(@Parameters(paramLabel = "LABEL", description = LABEL) String label) throws Exception {
        return root.withDatabase(jdbi -> {
            boolean changed = new KeyLifeStore(jdbi).enable(label, root.clock().instant());
            root.out().println("key " + label + (changed ? " is enabled" : " was not disabled"));
            return 0;
        });
    }

    @Command(
            name = "move",
            description = {
                "Put a key on another plan of its own, from this hour on.",
                "What it used in windows that have not passed counts there; edges learn of it at once."
            },
            mixinStandardHelpOptions = true)
    int move(
            @Parameters(paramLabel = "LABEL", description = LABEL) String label,
            @Option(names = "--plan", required = true, paramLabel = "NAME[@VERSION]", description = "Where to.")
                    String plan,
            @Mixin ActorOption actor)
            throws Exception {
        return root.withDatabase(jdbi -> {
            long to = new PlanStore(jdbi).require(plan);
            boolean moved = new KeyLifeStore(jdbi)
                    .move(label, to, actor.decision("key move", root.clock().instant()));
            root.out().println("key " + label + (moved ? " is on plan " : " was on that plan already: ") + plan);
            return 0;
        });
    }

    @Command(
            name = "expire",
            description = "Set when a key ends by itself; edges see to it by their own clocks.",
            mixinStandardHelpOptions = true)
    int expire(
            @Parameters(paramLabel = "LABEL", description = LABEL) String label,
            @Option(
                            names = "--at",
                            required = true,
                            paramLabel = "WHEN",
                            description = "A time, a date, how long from now (30d), now, or never.")
                    String at)
            throws Exception {
        Instant now = root.clock().instant();
        Optional<Instant> end = Times.end("--at", at, now);
        return root.withDatabase(jdbi -> {
            new KeyLifeStore(jdbi).expire(label, end, now);
            root.out()
                    .println("key " + label
                            + end.map(time -> " expires at " + time).orElse(" does not expire"));
            return 0;
        });
    }

    @Command(
            name = "rotate",
            description = {
                "Give a key a new text and print it, this once; number, account, plan and label stay, so usage and limits go on.",
                "The old text stays valid for the grace period."
            },
            mixinStandardHelpOptions = true)
    int rotate(
            @Parameters(paramLabel = "LABEL", description = LABEL) String label,
            @Option(
                            names = "--grace",
                            defaultValue = "24h",
                            paramLabel = "DURATION",
                            description = "How long the old text stays valid: 24h, 7d, 0s. Default: 24h.")
                    String grace,
            @Option(names = "--env", defaultValue = "live", paramLabel = "NAME", description = "As in 'key create'.")
                    String environment,
            @Option(names = "--json", description = "Print one JSON object.") boolean json)
            throws Exception {
        Instant now = root.clock().instant();
        Instant until = now.plus(Times.duration("--grace", grace));
        return root.withDatabase(jdbi -> {
            ApiKeyText key = ApiKeyText.generate(new SecureRandom(), environment);
            new KeyLifeStore(jdbi).rotate(label, KeyStore.hash(key.reveal()), until, now);
            show(
                    key,
                    json,
                    Map.of("label", label, "old_secret_until", until.toString()),
                    "key " + label + " has a new text, the old one ends at " + until);
            return 0;
        });
    }
}
