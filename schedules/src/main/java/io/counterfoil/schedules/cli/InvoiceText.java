package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.counterfoil.jobs.invoice.Check;
import io.counterfoil.jobs.invoice.Credited;
import io.counterfoil.jobs.invoice.Draft;
import io.counterfoil.jobs.invoice.Explained;
import io.counterfoil.jobs.invoice.FinalLines;
import io.counterfoil.jobs.rating.RatedLine;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.invoice.FinalInvoice;
import io.counterfoil.sql.invoice.FinalInvoice.Credit;
import io.counterfoil.sql.invoice.FinalLine;
import io.counterfoil.sql.invoice.InvoiceLine;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Invoices for people. */
final class InvoiceText {
    private InvoiceText() {}

    static List<String> of(Draft draft) {
        List<String> text = new ArrayList<>();
        text.add("draft, " + draft.account() + ", " + draft.period().from() + " to "
                + draft.period().to() + ", in " + draft.invoice().of().currency());
        text.add("");
        PriceTable table = new PriceTable();
        IdentityHashMap<RatedLine, String> names = new IdentityHashMap<>();
        List<RatedLine> lines = draft.rated().lines();
        for (int i = 0; i < lines.size(); i++) {
            InvoiceLine stored = draft.invoice().lines().get(i);
            Optional<String> key = Optional.ofNullable(
                            FinalLines.detail(stored.detail()).get("key"))
                    .map(JsonNode::asText);
            names.put(lines.get(i), name(i + 1, stored, lines.get(i), key));
        }
        table.period(lines, names::get);
        text.addAll(table.aligned());
        return text;
    }

    private static String name(int line, InvoiceLine stored, RatedLine rated, Optional<String> key) {
        String by = Stream.of(rated.plan().map(plan -> plan.text()), key.map(label -> "key " + label))
                .flatMap(Optional::stream)
                .reduce((a, b) -> a + ", " + b)
                .map(text -> " (" + text + ")")
                .orElse("");
        return line + " " + stored.name() + by;
    }

    static List<String> of(FinalInvoice invoice, List<Credit> credits) {
        List<String> text = head(invoice);
        List<FinalLine> lines = invoice.lines();
        List<RatedLine> rated = lines.stream().map(FinalLines::rated).toList();
        IdentityHashMap<RatedLine, String> names = new IdentityHashMap<>();
        IntStream.range(0, lines.size())
                .forEach(i -> names.put(
                        rated.get(i),
                        name(
                                lines.get(i).line(),
                                lines.get(i).stored(),
                                rated.get(i),
                                lines.get(i).key())));
        PriceTable table = new PriceTable();
        table.period(rated, names::get);
        text.addAll(table.aligned());
        lines.forEach(line -> text.addAll(added(line)));
        text.addAll(credits(invoice, credits));
        return text;
    }

    private static List<String> head(FinalInvoice invoice) {
        JsonNode seller = FinalLines.detail(invoice.seller());
        JsonNode buyer = FinalLines.detail(invoice.buyer());
        List<String> text = new ArrayList<>();
        text.add((invoice.isCredit()
                        ? "credit " + invoice.number() + " of invoice "
                                + invoice.credits().get()
                        : "invoice " + invoice.number())
                + ", final since " + invoice.finalisedAt());
        text.add("period  " + invoice.of().from() + " to " + invoice.to() + ", "
                + invoice.of().interval() + ", in " + invoice.of().currency());
        text.add("seller  " + party(seller, "name", "address", "tax_id", "email"));
        text.add("buyer   "
                + party(buyer, "name", "legal_name", "external_id", "address", "tax_id", "billing_email", "time_zone"));
        invoice.decision().ifPresent(decision -> text.add("decided " + decided(decision)));
        if (invoice.incompleteHours() > 0) {
            text.add("hours   " + invoice.incompleteHours() + " were not complete");
        }
        text.add("");
        return text;
    }

    private static String decided(Decision decision) {
        return "by " + decision.actor() + ": " + decision.reason();
    }

    private static String party(JsonNode party, String... fields) {
        return Stream.of(fields)
                .filter(party::hasNonNull)
                .map(field -> party.get(field).asText().replaceAll("\\R", ", "))
                .reduce((a, b) -> a + ", " + b)
                .orElse("");
    }

    /** The hours of an adjustment. */
    private static List<String> added(FinalLine line) {
        List<FinalLines.AddedHour> hours = FinalLines.added(line);
        if (hours.isEmpty()) {
            return List.of();
        }
        List<String> text = new ArrayList<>();
        JsonNode detail = FinalLines.detail(line.stored().detail());
        text.add("");
        text.add("line " + line.line() + ": the period costs "
                + detail.path("rated").asText() + " now, "
                + detail.path("invoiced").asText() + " was invoiced for it; counted later:");
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("hour", "requests", "units", "bytes_out"));
        hours.forEach(hour -> rows.add(List.of(
                hour.hour(),
                PriceTable.grouped(hour.requests()),
                PriceTable.grouped(hour.units()),
                PriceTable.grouped(hour.bytesOut()))));
        AlignedText.of(rows, List.of(true, false, false, false)).forEach(row -> text.add("  " + row));
        return text;
    }

    private static List<String> credits(FinalInvoice invoice, List<Credit> credits) {
        if (credits.isEmpty()) {
            return List.of();
        }
        List<String> text = new ArrayList<>(List.of(""));
        BigDecimal left = invoice.total();
        for (Credit credit : credits) {
            BigDecimal total = credit.net().add(credit.tax());
            left = left.subtract(total);
            text.add("credit " + credit.number() + ": " + PriceTable.grouped(total.toPlainString()) + " ("
                    + credit.net().toPlainString() + " net, " + credit.tax().toPlainString() + " tax), "
                    + decided(credit.decision()));
        }
        text.add("left    " + PriceTable.grouped(left.toPlainString()) + " "
                + invoice.of().currency());
        return text;
    }

    static List<String> of(Explained explained, Optional<Integer> only) {
        List<String> text = head(explained.invoice());
        text.add("as of control_version " + explained.invoice().mergeNo()
                + ": usage that was counted after it is left out");
        for (Explained.Line line : explained.lines()) {
            if (only.isEmpty() || only.get() == line.line().line()) {
                text.add("");
                text.addAll(line(line));
            }
        }
        text.add("");
        explained.checks().forEach(check -> text.add(check.text()));
        text.addAll(credits(explained.invoice(), explained.credits()));
        text.add("");
        int faults = explained.faults().size();
        text.add(faults == 0 ? "all equal" : faults + " NOT EQUAL");
        return text;
    }

    private static List<String> line(Explained.Line line) {
        List<String> text = new ArrayList<>();
        PriceTable table = new PriceTable();
        table.line(
                name(
                        line.line().line(),
                        line.line().stored(),
                        line.rated(),
                        line.line().key()),
                line.rated());
        text.addAll(table.aligned());
        line.line()
                .stored()
                .hours()
                .ifPresent(hours -> text.add("  hours " + hours.since() + " to " + hours.until()
                        + line.query()
                                .map(query -> ", " + line.hours().size() + " with usage")
                                .orElse("")));
        BigDecimal later = line.hours().stream().map(hour -> hour.later()).reduce(BigDecimal.ZERO, BigDecimal::add);
        if (later.signum() != 0) {
            text.add("  counted after the invoice: " + PriceTable.grouped(later.toPlainString()) + " "
                    + line.query().orElseThrow().measure());
        }
        added(line.line()).stream().filter(row -> !row.isEmpty()).forEach(row -> text.add("  " + row));
        for (Check check : line.checks()) {
            text.add("  " + check.text());
        }
        line.query().ifPresent(query -> query.text().lines().forEach(row -> text.add("    " + row)));
        return text;
    }

    static String of(Credited credited) {
        return "credit " + credited.number() + " of invoice " + credited.invoice() + ": "
                + credited.net().toPlainString() + " net and " + credited.tax().toPlainString() + " tax, "
                + PriceTable.grouped(credited.net().add(credited.tax()).toPlainString()) + " " + credited.currency()
                + "; left of the invoice: " + credited.leftNet().toPlainString() + " net, "
                + credited.leftTax().toPlainString() + " tax";
    }
}
