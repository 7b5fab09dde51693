package io.counterfoil.schedules.cli;

import io.counterfoil.jobs.invoice.Draft;

import java.io.PrintStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Prints drafts, and their sums by currency at the end. */
abstract class DraftPrinter {
    private final SortedMap<String, Sums> sums = new TreeMap<>();

    private DraftPrinter() {}

    /** Of one currency. */
    private record Sums(long drafts, BigDecimal net, BigDecimal tax) {
        Sums plus(Sums other) {
            return new Sums(drafts + other.drafts, net.add(other.net), tax.add(other.tax));
        }
    }

    final void print(Draft draft) {
        Sums its =
                new Sums(1, draft.invoice().sums().net(), draft.invoice().sums().tax());
        sums.merge(draft.invoice().of().currency(), its, Sums::plus);
        one(draft);
    }

    abstract void one(Draft draft);

    abstract void end();

    List<String> sums() {
        List<List<String>> rows = new ArrayList<>();
        sums.forEach((currency, each) -> rows.add(List.of(
                currency,
                String.format("%,d", each.drafts) + (each.drafts == 1 ? " draft" : " drafts"),
                "net " + amount(each.net),
                "tax " + amount(each.tax),
                "total " + amount(each.net.add(each.tax)))));
        return rows.isEmpty() ? List.of("no drafts") : AlignedText.of(rows, List.of(true, false, false, false, false));
    }

    private static String amount(BigDecimal amount) {
        return PriceTable.grouped(amount.toPlainString());
    }

    private static String waits(Draft draft) {
        return draft.waits().map(Draft.Wait::text).orElse("-");
    }

    /** A row a draft: all are needed before the first is printed, for the widths. */
    static DraftPrinter table(PrintStream out) {
        return new DraftPrinter() {
            private final List<List<String>> rows = new ArrayList<>(List.of(
                    List.of("account", "from", "to", "currency", "lines", "net", "tax", "total", "waits because")));

            @Override
            void one(Draft draft) {
                rows.add(List.of(
                        draft.account(),
                        draft.period().from().toString(),
                        draft.period().to().toString(),
                        draft.invoice().of().currency(),
                        Integer.toString(draft.invoice().lines().size()),
                        amount(draft.invoice().sums().net()),
                        amount(draft.invoice().sums().tax()),
                        amount(draft.rated().total()),
                        waits(draft)));
            }

            @Override
            void end() {
                if (rows.size() > 1) {
                    AlignedText.of(rows, List.of(true, true, true, true, false, false, false, false, true))
                            .forEach(out::println);
                    out.println();
                }
                sums().forEach(out::println);
            }
        };
    }

    static DraftPrinter lines(PrintStream out) {
        return new DraftPrinter() {
            @Override
            void one(Draft draft) {
                InvoiceText.of(draft).forEach(out::println);
                draft.waits().ifPresent(wait -> out.println("waits: " + wait.text()));
                out.println();
            }

            @Override
            void end() {
                sums().forEach(out::println);
            }
        };
    }

    static DraftPrinter json(PrintStream out, PrintStream err) {
        return new DraftPrinter() {
            @Override
            void one(Draft draft) {
                out.println(InvoiceJson.of(draft));
            }

            @Override
            void end() {
                sums().forEach(err::println);
            }
        };
    }
}
