package io.counterfoil.schedules.cli;

import io.counterfoil.jobs.invoice.CreditJob;
import io.counterfoil.jobs.invoice.Credited;
import io.counterfoil.jobs.invoice.ExplainJob;
import io.counterfoil.jobs.invoice.Explained;
import io.counterfoil.jobs.invoice.Finalised;
import io.counterfoil.jobs.invoice.InvoiceJob;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.invoice.FinalInvoice;
import io.counterfoil.sql.invoice.FinalInvoices;
import io.counterfoil.sql.invoice.HoldStore;
import io.counterfoil.sql.report.Report;
import org.jdbi.v3.core.Jdbi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.math.BigDecimal;
import java.time.YearMonth;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

@Command(
        name = "invoice",
        description = "What accounts are billed: drafts, final invoices, credits, and how each amount came about.",
        mixinStandardHelpOptions = true)
final class InvoiceCommand {
    private static final String PERIOD = "The month in which periods begin, in each account's zone, as 2026-10.";
    private static final String ACCOUNT = "Only this account's.";
    private static final String WHY = "Kept for good.";

    private final Counterfoil root;

    InvoiceCommand(Counterfoil root) {
        this.root = root;
    }

    @Command(
            name = "draft",
            description = {
                "What is billed for the periods that begin in a month, from what is counted now; changes nothing.",
                "Of those that are not final yet. Twice the same gives the same bytes."
            },
            mixinStandardHelpOptions = true)
    int draft(
            @Option(names = "--period", required = true, paramLabel = "MONTH", description = PERIOD) String period,
            @Option(names = "--account", paramLabel = "NAME", description = ACCOUNT) String account,
            @Option(names = "--lines", description = "Each draft's lines too.") boolean lines,
            @Option(names = "--json", description = "One JSON object a draft and line; the sums go to standard error.")
                    boolean json)
            throws Exception {
        YearMonth month = month(period);
        DraftPrinter printer = json
                ? DraftPrinter.json(root.out(), root.err())
                : lines ? DraftPrinter.lines(root.out()) : DraftPrinter.table(root.out());
        return root.withDatabase(jdbi -> {
            try {
                new InvoiceJob(jdbi, root.clock()).draft(month, number(jdbi, account), printer::print);
            } finally {
                // Also where one account cannot be billed: the others' drafts are there.
                printer.end();
            }
            return 0;
        });
    }

    @Command(
            name = "finalise",
            description = {
                "Make invoices of the periods that begin in a month final, each with the next number, for good.",
                "Those wait whose period has not ended, whose account is held, or whose hours are not all complete;"
                        + " exit code 2 where some wait for the last reason, or an account cannot be billed. Run again, it goes on"
                        + " with those. Usage that is counted later is adjusted on the next month's."
            },
            mixinStandardHelpOptions = true)
    int finalise(
            @Option(names = "--period", required = true, paramLabel = "MONTH", description = PERIOD) String period,
            @Option(names = "--account", paramLabel = "NAME", description = ACCOUNT) String account,
            @Option(
                            names = "--incomplete",
                            description = "Bill what is counted of hours that are not complete too; needs --reason."
                                    + " What comes later is adjusted on the next invoice.")
                    boolean incomplete,
            @Mixin ActorOption actor,
            @Option(names = "--reason", paramLabel = "WHY", description = "Why incomplete hours are billed. " + WHY)
                    String reason,
            @Option(names = "--json", description = "Print one JSON object.") boolean json)
            throws Exception {
        YearMonth month = month(period);
        if (incomplete != (reason != null)) {
            throw OperatorException.input(
                    incomplete
                            ? "--incomplete is given without --reason, expected why incomplete hours are billed"
                            : "--reason is given without --incomplete, expected both or none");
        }
        Optional<Decision> override = Optional.ofNullable(reason)
                .map(why -> actor.because(why, root.clock().instant()));
        return root.withDatabase(jdbi -> {
            FinaliseReport report = new FinaliseReport(root.err(), System::nanoTime);
            String asked = month + (account == null ? "" : " --account '" + account + "'");
            Finalised done = new InvoiceJob(jdbi, root.clock())
                    .finalise(month, number(jdbi, account), override, report::progress);
            root.out()
                    .print(
                            json
                                    ? FinaliseReport.json(done) + System.lineSeparator()
                                    : FinaliseReport.text(done, asked));
            root.out().flush();
            FinaliseReport.requireComplete(done, asked);
            return 0;
        });
    }

    @Command(name = "list", description = "Final invoices and credits, by number.", mixinStandardHelpOptions = true)
    int list(
            @Mixin RowsOption rows,
            @Option(names = "--period", paramLabel = "MONTH", description = PERIOD) String period,
            @Option(names = "--account", paramLabel = "NAME", description = ACCOUNT) String account)
            throws Exception {
        Map<String, String> parameters = new HashMap<>();
        Optional.ofNullable(period)
                .ifPresent(text -> parameters.put("period", month(text).toString()));
        Optional.ofNullable(account).ifPresent(name -> parameters.put("account", name));
        return rows.print(root, Report.listOf("invoices"), parameters, jdbi -> number(jdbi, account));
    }

    @Command(
            name = "show",
            description = "A final invoice or credit, line by line, each with its tiers.",
            mixinStandardHelpOptions = true)
    int show(
            @Parameters(paramLabel = "NUMBER", description = "The invoice's or the credit's.") long number,
            @Option(names = "--json", description = "Print one JSON object; its numbers are decimals in quotes.")
                    boolean json)
            throws Exception {
        return root.withDatabase(jdbi -> {
            jdbi.useTransaction(handle -> {
                FinalInvoices invoices = new FinalInvoices(handle);
                FinalInvoice invoice = invoices.require(number);
                List<FinalInvoice.Credit> credits = invoices.credits(number);
                if (json) {
                    root.out().println(InvoiceJson.of(invoice, credits));
                } else {
                    InvoiceText.of(invoice, credits).forEach(root.out()::println);
                }
            });
            return 0;
        });
    }

    @Command(
            name = "explain",
            description = {
                "Recompute a final invoice from usage and its plans, and show both sides of each line, with the SQL.",
                "Exit code 3 where anything is not equal."
            },
            mixinStandardHelpOptions = true)
    int explain(
            @Parameters(paramLabel = "NUMBER", description = "The invoice's or the credit's.") long number,
            @Option(names = "--line", paramLabel = "N", description = "Show this line only; all are recomputed.")
                    Optional<Integer> line,
            @Option(names = "--json", description = "Print one JSON object; its numbers are decimals in quotes.")
                    boolean json)
            throws Exception {
        return root.withDatabase(jdbi -> {
            Explained explained = new ExplainJob(jdbi).explain(number);
            line.filter(wanted -> explained.lines().stream()
                            .noneMatch(each -> each.line().line() == wanted))
                    .ifPresent(wanted -> {
                        throw OperatorException.input("--line is " + wanted + ", expected 1 to "
                                + explained.lines().size() + ", a line of invoice " + number);
                    });
            if (json) {
                root.out().println(InvoiceJson.of(explained, line));
            } else {
                InvoiceText.of(explained, line).forEach(root.out()::println);
            }
            root.out().flush();
            List<String> faults = explained.faults();
            if (!faults.isEmpty()) {
                throw OperatorException.corrupt("invoice " + number + " is not what usage and its plans give now: "
                        + String.join("; ", faults)
                        + ". Nobody may change usage that is counted: see 'counterfoil job audit', which counts it again"
                        + " from the archive, and take the amount back with: counterfoil invoice credit " + number
                        + " --reason WHY");
            }
            return 0;
        });
    }

    @Command(
            name = "hold",
            description = "Hold an account's invoices: none becomes final until they are released.",
            mixinStandardHelpOptions = true)
    int hold(
            @Option(names = "--account", required = true, paramLabel = "NAME", description = "Whose.") String account,
            @Mixin ActorOption actor,
            @Option(names = "--reason", required = true, paramLabel = "WHY", description = WHY) String reason)
            throws Exception {
        return decided(account, jdbi -> id -> {
            new HoldStore(jdbi).hold(id, actor.because(reason, root.clock().instant()));
            return "invoices of account " + account + " are held; drafts are still made of them";
        });
    }

    @Command(
            name = "release",
            description = "Let an account's invoices become final again.",
            mixinStandardHelpOptions = true)
    int release(
            @Option(names = "--account", required = true, paramLabel = "NAME", description = "Whose.") String account,
            @Mixin ActorOption actor,
            @Option(names = "--reason", required = true, paramLabel = "WHY", description = WHY) String reason)
            throws Exception {
        return decided(account, jdbi -> id -> {
            new HoldStore(jdbi).release(id, actor.because(reason, root.clock().instant()));
            return "invoices of account " + account
                    + " are released; make them final: counterfoil invoice finalise --period MONTH";
        });
    }

    private int decided(String account, Function<Jdbi, Function<Long, String>> decision) throws Exception {
        return root.withDatabase(jdbi -> {
            root.out().println(decision.apply(jdbi).apply(new AccountStore(jdbi).require(account)));
            return 0;
        });
    }

    @Command(
            name = "credit",
            description = {
                "Take back what a final invoice billed, all that is left of it or a part, by a credit with the next number.",
                "What was credited is not billed again."
            },
            mixinStandardHelpOptions = true)
    int credit(
            @Parameters(paramLabel = "NUMBER", description = "The invoice's.") long number,
            @Option(
                            names = "--amount",
                            paramLabel = "NET",
                            description =
                                    "Net, in the invoice's currency; its tax goes with it. Default: all that is left.")
                    Optional<BigDecimal> amount,
            @Mixin ActorOption actor,
            @Option(names = "--reason", required = true, paramLabel = "WHY", description = WHY) String reason,
            @Option(names = "--json", description = "Print one JSON object.") boolean json)
            throws Exception {
        return root.withDatabase(jdbi -> {
            Credited credited = new CreditJob(jdbi)
                    .credit(number, amount, actor.because(reason, root.clock().instant()));
            root.out().println(json ? InvoiceJson.of(credited) : InvoiceText.of(credited));
            return 0;
        });
    }

    private static Optional<Long> number(Jdbi jdbi, String account) {
        return Optional.ofNullable(account).map(name -> new AccountStore(jdbi).require(name));
    }

    private static YearMonth month(String text) {
        try {
            return YearMonth.parse(text);
        } catch (DateTimeParseException e) {
            throw OperatorException.input("--period is '" + text + "', expected a month as 2026-10");
        }
    }
}
