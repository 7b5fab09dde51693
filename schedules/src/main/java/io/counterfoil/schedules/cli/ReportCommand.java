package io.counterfoil.schedules.cli;

import io.counterfoil.sql.account.AccountStore;
import org.jdbi.v3.core.Jdbi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

@Command(
        name = "report",
        description = "Reports, each a .sql file that psql -f runs too.",
        mixinStandardHelpOptions = true)
final class ReportCommand {
    private final Counterfoil root;

    ReportCommand(Counterfoil root) {
        this.root = root;
    }

    @Command(name = "usage-hourly", description = "Usage by hour, account and key.", mixinStandardHelpOptions = true)
    int usageHourly(
            @Mixin RowsOption rows,
            @Option(names = "--from", paramLabel = "TIME", description = "First hour, as 2016-02-20T05:00:00Z.")
                    String from,
            @Option(names = "--to", paramLabel = "TIME", description = "Hour behind the last.") String to)
            throws Exception {
        return rows.print(root, "usage-hourly", range(from, to));
    }

    @Command(
            name = "sources",
            description = "Logs that are not our edges': how sure each is, and what is known to be missing.",
            mixinStandardHelpOptions = true)
    int sources(@Mixin RowsOption rows) throws Exception {
        return rows.print(root, "sources", Map.of());
    }

    @Command(
            name = "control-totals",
            description = "What sources' platforms say they served, against what was counted.",
            mixinStandardHelpOptions = true)
    int controlTotals(
            @Mixin RowsOption rows,
            @Option(names = "--from", paramLabel = "TIME", description = "First hour, as 2016-02-20T05:00:00Z.")
                    String from,
            @Option(names = "--to", paramLabel = "TIME", description = "Hour behind the last.") String to,
            @Option(names = "--source", paramLabel = "NAME", description = "Only this source's.") String source)
            throws Exception {
        Map<String, String> parameters = range(from, to);
        Optional.ofNullable(source).ifPresent(name -> parameters.put("source", name));
        return rows.print(root, "control-totals", parameters);
    }

    @Command(
            name = "limits",
            description = "What is used of each limit, in windows that have not passed.",
            mixinStandardHelpOptions = true)
    int limits(
            @Mixin RowsOption rows,
            @Option(names = "--account", paramLabel = "NAME", description = "Only this account's.") String account)
            throws Exception {
        Map<String, String> parameters = new HashMap<>();
        parameters.put("at", root.clock().instant().toString());
        Optional.ofNullable(account).ifPresent(name -> parameters.put("account", name));
        return rows.print(root, "limits", parameters, jdbi -> requireIfNamed(jdbi, account));
    }

    @Command(
            name = "overshoot",
            description = "What passed after each limit was used up, as 'job overshoot' found it in the log.",
            mixinStandardHelpOptions = true)
    int overshoot(
            @Mixin RowsOption rows,
            @Option(names = "--from", paramLabel = "TIME", description = "Of windows that begin here or later.")
                    String from,
            @Option(names = "--to", paramLabel = "TIME", description = "Of windows that begin before.") String to,
            @Option(names = "--account", paramLabel = "NAME", description = "Only this account's.") String account)
            throws Exception {
        Map<String, String> parameters = range(from, to);
        Optional.ofNullable(account).ifPresent(name -> parameters.put("account", name));
        return rows.print(root, "overshoot", parameters, jdbi -> requireIfNamed(jdbi, account));
    }

    @Command(
            name = "flag-lag",
            description = "How long limits took to hold, by part, as 'job overshoot' found it in the log.",
            mixinStandardHelpOptions = true)
    int flagLag(
            @Mixin RowsOption rows,
            @Option(names = "--from", paramLabel = "TIME", description = "Of limits used up here or later.")
                    String from,
            @Option(names = "--to", paramLabel = "TIME", description = "Of limits used up before.") String to)
            throws Exception {
        return rows.print(root, "flag-lag", range(from, to));
    }

    private static void requireIfNamed(Jdbi jdbi, String account) {
        if (account != null) {
            new AccountStore(jdbi).require(account);
        }
    }

    static Map<String, String> range(String from, String to) {
        Map<String, String> parameters = new HashMap<>();
        if (from != null) {
            parameters.put("from", Times.instant("--from", from).toString());
        }
        if (to != null) {
            parameters.put("to", Times.instant("--to", to).toString());
        }
        return parameters;
    }
}
