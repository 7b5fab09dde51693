package io.counterfoil.schedules.cli;

import io.counterfoil.sql.account.AccountStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.util.Optional;

@Command(name = "account", description = "Who is billed.", mixinStandardHelpOptions = true)
final class AccountCommand {
    private final Counterfoil root;

    AccountCommand(Counterfoil root) {
        this.root = root;
    }

    @Command(name = "create", description = "Create an account.", mixinStandardHelpOptions = true)
    int create(
            @Parameters(paramLabel = "NAME", description = "Unique name.") String name,
            @Option(names = "--external-id", paramLabel = "ID", description = "The account's id in your own systems.")
                    String externalId)
            throws Exception {
        return root.withDatabase(jdbi -> {
            new AccountStore(jdbi)
                    .create(name, Optional.ofNullable(externalId), root.clock().instant());
            root.out().println("account " + name + " created");
            return 0;
        });
    }
}
