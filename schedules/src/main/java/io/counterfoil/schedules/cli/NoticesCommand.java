package io.counterfoil.schedules.cli;

import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.notice.NoticeStore;
import io.counterfoil.sql.notice.NoticeStore.Retried;
import io.counterfoil.sql.report.Report;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

@Command(
        name = "notices",
        description = "Notices of crossed thresholds, and what became of them.",
        mixinStandardHelpOptions = true)
final class NoticesCommand {
    private final Counterfoil root;

    NoticesCommand(Counterfoil root) {
        this.root = root;
    }

    /** Which. */
    static final class State {
        @Option(names = "--pending", required = true, description = "Those that are still to arrive.")
        private boolean pending;

        @Option(names = "--dead", required = true, description = "Those that were given up.")
        private boolean dead;

        @Option(names = "--delivered", required = true, description = "Those that arrived.")
        private boolean delivered;

        private String name() {
            return pending ? "pending" : dead ? "dead" : delivered ? "delivered" : "all";
        }
    }

    @Command(
            name = "list",
            description = "Each notice and target: what was told, whether it arrived, when it is tried again.",
            mixinStandardHelpOptions = true)
    int list(
            @Option(names = "--account", paramLabel = "NAME", description = "Only this account's.") String account,
            @ArgGroup State state,
            @Mixin RowsOption rows)
            throws Exception {
        Map<String, String> parameters = new HashMap<>();
        Optional.ofNullable(account).ifPresent(name -> parameters.put("account", name));
        Optional.ofNullable(state).ifPresent(given -> parameters.put("state", given.name()));
        return rows.print(root, Report.listOf("notices"), parameters, jdbi -> {
            if (account != null) {
                new AccountStore(jdbi).require(account);
            }
        });
    }

    /** One, or all. */
    static final class Which {
        @Parameters(paramLabel = "NUMBER", description = "As 'notices list' shows it.")
        private Long number;

        @Option(names = "--all-dead", required = true, description = "All that were given up.")
        private boolean all;
    }

    @Command(
            name = "retry",
            description = "Send what was given up again: it is due at once, and its attempts begin anew.",
            mixinStandardHelpOptions = true)
    int retry(@ArgGroup(multiplicity = "1") Which which) throws Exception {
        return root.withDatabase(jdbi -> {
            Retried retried = new NoticeStore(jdbi)
                    .retry(
                            which.all ? Optional.empty() : Optional.of(which.number),
                            root.clock().instant());
            root.out()
                    .println(retried.deliveries() + " notices are sent again by the next 'job notify'"
                            + (retried.disabled() > 0
                                    ? "; " + retried.disabled() + " stay, their webhooks are disabled"
                                    : ""));
            return 0;
        });
    }
}
