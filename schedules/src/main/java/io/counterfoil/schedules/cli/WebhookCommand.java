package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.jobs.notify.WebhookKey;
import io.counterfoil.jobs.notify.WebhookUrl;
import io.counterfoil.schedules.home.WebhookKeyFile;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.notice.WebhookStore;
import io.counterfoil.sql.notice.WebhookStore.Endpoint;
import io.counterfoil.sql.report.Report;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.net.URI;
import java.time.Instant;
import java.util.Map;

@Command(
        name = "webhook",
        description = "Where accounts' notices are sent to, as Standard Webhooks.",
        mixinStandardHelpOptions = true)
final class WebhookCommand {
    private static final String JSON = "Print one JSON object, with the secret.";

    private final Counterfoil root;

    WebhookCommand(Counterfoil root) {
        this.root = root;
    }

    @Command(
            name = "create",
            description = {
                "Send an account's notices there, those that come from now on. Shows the signing secret, once.",
                "Secrets are stored nowhere: they are derived of COUNTERFOIL_WEBHOOK_KEY, or where that is not set of the"
                        + " home's webhook.key, which is made at first use. Keep a copy of it."
            },
            mixinStandardHelpOptions = true)
    int create(
            @Option(names = "--account", required = true, paramLabel = "NAME", description = "Whose.") String account,
            @Option(
                            names = "--url",
                            required = true,
                            paramLabel = "URL",
                            description =
                                    "https://HOST[:PORT]/PATH, globally reachable: all else only where 'job notify'"
                                            + " has it in --allow-address.")
                    String url,
            @Option(names = "--json", description = JSON) boolean json,
            @Mixin ActorOption actor)
            throws Exception {
        URI parsed = WebhookUrl.parse(url);
        return root.withDatabase(jdbi -> {
            long id = new AccountStore(jdbi).require(account);
            WebhookKey key = key();
            Endpoint made = new WebhookStore(jdbi)
                    .create(
                            id,
                            url,
                            key.id(),
                            actor.decision("create", root.clock().instant()));
            show(
                    made,
                    key,
                    json,
                    "webhook " + made.number() + " sends account " + account + "'s notices to " + parsed.getHost());
            return 0;
        });
    }

    @Command(
            name = "rotate",
            description = {
                "Give a webhook another secret, shown once.",
                "Until the grace ends, what is sent is signed by the former one too."
            },
            mixinStandardHelpOptions = true)
    int rotate(
            @Parameters(paramLabel = "NUMBER", description = "As 'webhook list' shows it.") long number,
            @Option(
                            names = "--grace",
                            required = true,
                            paramLabel = "TIME",
                            description = "How long the former secret still signs: 24h. 0s: not at all.")
                    String grace,
            @Option(names = "--json", description = JSON) boolean json,
            @Mixin ActorOption actor)
            throws Exception {
        Instant now = root.clock().instant();
        Instant until = now.plus(Times.duration("--grace", grace));
        return root.withDatabase(jdbi -> {
            WebhookKey key = key();
            Endpoint rotated = new WebhookStore(jdbi).rotate(number, key.id(), until, actor.decision("rotate", now));
            String former = rotated.secret().formerUntil().isPresent()
                    ? "the former one signs until " + until
                    : "the former one came of another key and signs no more";
            show(rotated, key, json, "webhook " + number + " has another secret; " + former);
            return 0;
        });
    }

    @Command(
            name = "disable",
            description = "Send a webhook nothing more; what was outstanding is dead.",
            mixinStandardHelpOptions = true)
    int disable(
            @Parameters(paramLabel = "NUMBER", description = "As 'webhook list' shows it.") long number,
            @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why; kept.") String reason,
            @Mixin ActorOption actor)
            throws Exception {
        return root.withDatabase(jdbi -> {
            boolean done = new WebhookStore(jdbi)
                    .disable(number, actor.because(reason, root.clock().instant()));
            root.out().println("webhook " + number + (done ? " is disabled" : " was disabled already"));
            return 0;
        });
    }

    @Command(
            name = "enable",
            description = {
                "Send a webhook notices again, those that come from now on.",
                "What died when it was disabled: counterfoil notices retry. What came meanwhile was not sent there."
            },
            mixinStandardHelpOptions = true)
    int enable(
            @Parameters(paramLabel = "NUMBER", description = "As 'webhook list' shows it.") long number,
            @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why; kept.") String reason,
            @Mixin ActorOption actor)
            throws Exception {
        return root.withDatabase(jdbi -> {
            boolean done = new WebhookStore(jdbi)
                    .enable(number, actor.because(reason, root.clock().instant()));
            root.out().println("webhook " + number + (done ? " is enabled" : " was enabled already"));
            return 0;
        });
    }

    @Command(name = "list", description = "Webhooks with their state; never a secret.", mixinStandardHelpOptions = true)
    int list(@Mixin RowsOption rows) throws Exception {
        return rows.print(
                root,
                Report.listOf("webhooks"),
                Map.of("at", root.clock().instant().toString()));
    }

    private WebhookKey key() {
        String text = System.getenv(WebhookKey.VARIABLE);
        return text == null || text.isBlank()
                ? WebhookKeyFile.readOrCreate(root.home())
                : WebhookKey.parse(text, WebhookKey.VARIABLE);
    }

    /** The one time that a secret is shown. */
    private void show(Endpoint endpoint, WebhookKey key, boolean json, String told) {
        String secret = key.text(endpoint.secret());
        if (json) {
            root.out()
                    .println(new ObjectMapper()
                            .createObjectNode()
                            .put("webhook", endpoint.number())
                            .put("secret", secret)
                            .toString());
        } else {
            root.err().println(told + "; keep the secret, it is not shown again:");
            root.out().println(secret);
        }
    }
}
