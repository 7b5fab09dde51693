package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.ApiKeyText;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.account.PlanStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

@Command(name = "key", description = "API keys.", mixinStandardHelpOptions = true)
final class KeyCommand {
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
            @Option(names = "--plan", required = true, paramLabel = "PLAN", description = "What it may use.")
                    String plan,
            @Option(
                            names = "--label",
                            paramLabel = "L",
                            description = "What reports call it. Default: the key's public part.")
                    String label,
            @Option(names = "--json", description = "Print one JSON object.") boolean json)
            throws Exception {
        return root.withDatabase(jdbi -> {
            ApiKeyText key = ApiKeyText.generate(new SecureRandom());
            String shown = Optional.ofNullable(label).orElse(key.publicPart());
            KeyStore.NewKey row = new KeyStore.NewKey(
                    new AccountStore(jdbi).require(account),
                    Optional.of(new PlanStore(jdbi).require(plan)),
                    shown,
                    Optional.of(KeyStore.hash(key.reveal())),
                    "key create");
            new KeyStore(jdbi).create(List.of(row), root.clock().instant());
            if (json) {
                root.out()
                        .println(new ObjectMapper()
                                .createObjectNode()
                                .put("key", key.reveal())
                                .put("label", shown)
                                .put("account", account)
                                .put("plan", plan));
            } else {
                root.err()
                        .println("key " + shown + " of account " + account + " on plan " + plan
                                + "; keep it, it is not shown again:");
                root.out().println(key.reveal());
            }
            return 0;
        });
    }

    @Command(
            name = "import",
            description = {
                "Take over the keys that your customers hold already.",
                "FILE.csv has a header: account,label,plan and key or sha256 (hex). Keys are hashed as they are read. All or none."
            },
            mixinStandardHelpOptions = true)
    int importKeys(@Parameters(paramLabel = "FILE.csv") Path file) throws Exception {
        return root.withDatabase(jdbi -> {
            List<KeyStore.NewKey> keys = new KeyFile(new AccountStore(jdbi), new PlanStore(jdbi)).read(file);
            int created = new KeyStore(jdbi).create(keys, root.clock().instant());
            root.out().println(created + " keys imported, " + (keys.size() - created) + " were there already");
            return 0;
        });
    }
}
