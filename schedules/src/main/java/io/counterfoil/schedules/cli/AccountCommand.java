package io.counterfoil.schedules.cli;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.AccountDetailStore;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.report.Report;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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

    @Command(
            name = "set",
            description = "Set what invoices say of an account. What is left out stays; an empty text takes it away.",
            mixinStandardHelpOptions = true)
    int set(
            @Parameters(paramLabel = "NAME", description = "The account.") String name,
            @Mixin AccountFieldsOption fields)
            throws Exception {
        AccountDetailStore.Row row = new AccountDetailStore.Row(name, fields.values(), "account set");
        return root.withDatabase(jdbi -> {
            new AccountStore(jdbi).require(name);
            int changed = new AccountDetailStore(jdbi)
                    .save(List.of(row), false, root.clock().instant())
                    .changed();
            root.out().println("account " + name + (changed > 0 ? " is changed" : " was so already"));
            return 0;
        });
    }

    @Command(name = "list", description = "Accounts with the plan that is in force.", mixinStandardHelpOptions = true)
    int list(@Mixin RowsOption rows) throws Exception {
        return rows.print(root, Report.listOf("accounts"), Map.of());
    }

    @Command(name = "show", description = "What is known of an account.", mixinStandardHelpOptions = true)
    int show(@Parameters(paramLabel = "NAME", description = "The account.") String name) throws Exception {
        return root.withDatabase(jdbi -> {
            new AccountStore(jdbi).require(name);
            Report.listOf("account-export").run(jdbi, Map.of("account", name), new FieldLines(root.out()));
            return 0;
        });
    }

    @Command(
            name = "import",
            description = {
                "Take over accounts: all of the file, or nothing. Those that are there get what the file says.",
                "FILE.csv has a header: name, and any of external_id, legal_name, address, tax_id, billing_email, time_zone, tax_name and"
                        + " tax_percent, thresholds (percents with blanks between), notice_email. An empty cell takes a value away.",
                "A leading apostrophe before = + - @ is taken off: 'account export' puts it there for spreadsheets."
            },
            mixinStandardHelpOptions = true)
    int importAccounts(@Parameters(paramLabel = "FILE.csv") Path file) throws Exception {
        List<AccountDetailStore.Row> rows = AccountFile.read(file);
        return root.withDatabase(jdbi -> {
            AccountDetailStore.Saved saved =
                    new AccountDetailStore(jdbi).save(rows, true, root.clock().instant());
            root.out()
                    .println(saved.created() + " accounts created, " + saved.changed() + " changed, "
                            + (rows.size() - saved.created() - saved.changed()) + " were so already");
            return 0;
        });
    }

    @Command(
            name = "export",
            description = "Accounts as CSV, as 'account import' reads them.",
            mixinStandardHelpOptions = true)
    int export() throws Exception {
        return root.withDatabase(jdbi -> {
            Report.listOf("account-export").run(jdbi, Map.of(), new SheetRows(root.out()));
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
                            description =
                                    "1 to 10 percents from 1 to 1000. An account without has its plan's, by default 80,100.")
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
