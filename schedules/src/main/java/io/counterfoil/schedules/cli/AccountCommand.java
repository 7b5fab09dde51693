package io.counterfoil.schedules.cli;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.AccountStore;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.util.List;
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

    /** Whether there is mail, and where to. */
    static final class Mail {
        @Option(
                names = "--email",
                required = true,
                paramLabel = "ADDRESS",
                description = "Mail notices there too, those that come from now on.")
        private String address;

        @Option(names = "--no-email", required = true, description = "Mail none.")
        private boolean none;
    }

    @Command(
            name = "notify",
            description = {
                "Set at how much of a quota an account is told, and where to; webhooks are made by 'webhook create'.",
                "Thresholds hold from the next count on; each is told once a window. What was told stays told."
            },
            mixinStandardHelpOptions = true)
    int notify(
            @Parameters(paramLabel = "NAME", description = "The account.") String name,
            @Option(
                            names = "--at",
                            split = ",",
                            paramLabel = "PERCENT",
                            description = "1 to 10 percents from 1 to 1000. A new account has 80,100.")
                    List<Integer> percents,
            @ArgGroup Mail mail)
            throws Exception {
        if (percents == null && mail == null) {
            throw OperatorException.input(
                    "nothing is to be changed, expected --at PERCENT,…, --email ADDRESS or --no-email");
        }
        return root.withDatabase(jdbi -> {
            AccountStore accounts = new AccountStore(jdbi);
            long account = accounts.require(name);
            if (percents != null) {
                accounts.notifyAt(account, percents);
                root.out().println("account " + name + " is told at " + percents + " percent, from the next count on");
            }
            if (mail != null) {
                accounts.mailTo(
                        account, Optional.ofNullable(mail.address), root.clock().instant());
                root.out()
                        .println("account " + name
                                + (mail.none ? " is sent no mail" : " is sent mail to " + mail.address));
            }
            return 0;
        });
    }
}
