package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.jobs.invoice.Check;
import io.counterfoil.jobs.invoice.Credited;
import io.counterfoil.jobs.invoice.Draft;
import io.counterfoil.jobs.invoice.Explained;
import io.counterfoil.jobs.invoice.FinalLines;
import io.counterfoil.jobs.rating.RatedLine;
import io.counterfoil.sql.invoice.FinalInvoice;
import io.counterfoil.sql.invoice.FinalInvoice.Credit;
import io.counterfoil.sql.invoice.FinalLine;
import io.counterfoil.sql.invoice.InvoiceLine;
import io.counterfoil.sql.invoice.InvoicedPeriod;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Invoices for programs. Numbers that are no counts are text, as in {@link PriceJson}. */
final class InvoiceJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private InvoiceJson() {}

    static ObjectNode of(Draft draft) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("account", draft.account());
        period(json, draft.invoice().of(), draft.invoice().to());
        json.put("net", draft.invoice().sums().net().toPlainString())
                .put("tax", draft.invoice().sums().tax().toPlainString())
                .put("total", draft.rated().total().toPlainString())
                .put("incomplete_hours", draft.invoice().incompleteHours());
        draft.waits()
                .ifPresentOrElse(
                        wait -> json.putObject("waits")
                                .put("because", wait.because().name().toLowerCase(Locale.ROOT))
                                .put("text", wait.text()),
                        () -> json.putNull("waits"));
        json.set("buyer", FinalLines.detail(draft.invoice().buyer()));
        ArrayNode lines = json.putArray("lines");
        for (int i = 0; i < draft.rated().lines().size(); i++) {
            InvoiceLine stored = draft.invoice().lines().get(i);
            ObjectNode line = lines.addObject().put("line", i + 1);
            RatedLine rated = draft.rated().lines().get(i);
            rated.plan().ifPresent(plan -> line.put("plan", plan.plan()).put("version", plan.version()));
            line(line, stored, rated);
        }
        return json;
    }

    private static void period(ObjectNode json, InvoicedPeriod of, Instant to) {
        json.put("account_id", of.accountId())
                .put("interval", of.interval())
                .put("anchor_day", of.anchorDay())
                .put("period_from", of.from().toString())
                .put("period_to", to.toString())
                .put("currency", of.currency());
    }

    private static void line(ObjectNode json, InvoiceLine stored, RatedLine rated) {
        Optional.ofNullable(FinalLines.detail(stored.detail()).get("key")).ifPresent(key -> json.set("key", key));
        stored.hours()
                .ifPresent(hours -> json.put("since", hours.since().toString())
                        .put("until", hours.until().toString()));
        PriceJson.line(json, rated);
        stored.adjusts().ifPresent(invoice -> {
            json.put("adjusts", invoice);
            List.of("rated", "invoiced", "added")
                    .forEach(field ->
                            json.set(field, FinalLines.detail(stored.detail()).get(field)));
        });
    }

    static ObjectNode of(FinalInvoice invoice, List<Credit> credits) {
        ObjectNode json = head(invoice);
        ArrayNode lines = json.putArray("lines");
        invoice.lines().forEach(line -> line(lines.addObject(), line, FinalLines.rated(line)));
        credits(json, credits);
        return json;
    }

    private static ObjectNode head(FinalInvoice invoice) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("number", invoice.number()).put("kind", invoice.kind().text());
        invoice.credits().ifPresent(of -> json.put("credits", of));
        period(json, invoice.of(), invoice.to());
        json.put("net", invoice.net().toPlainString())
                .put("tax", invoice.tax().toPlainString())
                .put("total", invoice.total().toPlainString())
                .put("incomplete_hours", invoice.incompleteHours())
                .put("finalised_at", invoice.finalisedAt().toString())
                .put("control_version", invoice.mergeNo());
        invoice.decision()
                .ifPresent(decision -> json.put("actor", decision.actor()).put("reason", decision.reason()));
        json.set("seller", FinalLines.detail(invoice.seller()));
        json.set("buyer", FinalLines.detail(invoice.buyer()));
        return json;
    }

    private static void line(ObjectNode json, FinalLine line, RatedLine rated) {
        json.put("line", line.line());
        line.plan().ifPresent(plan -> json.put("plan", plan.name()).put("version", plan.version()));
        line(json, line.stored(), rated);
    }

    private static void credits(ObjectNode json, List<Credit> credits) {
        ArrayNode array = json.putArray("credited");
        credits.forEach(credit -> array.addObject()
                .put("number", credit.number())
                .put("net", credit.net().toPlainString())
                .put("tax", credit.tax().toPlainString())
                .put("actor", credit.decision().actor())
                .put("reason", credit.decision().reason()));
    }

    static ObjectNode of(Explained explained, Optional<Integer> only) {
        ObjectNode json = head(explained.invoice());
        json.put("equal", explained.faults().isEmpty());
        checks(json, explained.checks());
        ArrayNode lines = json.putArray("lines");
        for (Explained.Line line : explained.lines()) {
            if (only.isEmpty() || only.get() == line.line().line()) {
                ObjectNode node = lines.addObject();
                line(node, line.line(), line.rated());
                checks(node, line.checks());
                line.query().ifPresent(query -> {
                    ArrayNode hours = node.putArray("hours");
                    line.hours()
                            .forEach(hour -> hours.addObject()
                                    .put("hour", hour.hour().toString())
                                    .put("on_invoice", hour.onInvoice().toPlainString())
                                    .put("counted_later", hour.later().toPlainString()));
                    node.put("sql", query.text());
                });
            }
        }
        credits(json, explained.credits());
        return json;
    }

    private static void checks(ObjectNode json, List<Check> checks) {
        ArrayNode array = json.putArray("checks");
        checks.forEach(check -> array.addObject()
                .put("what", check.what())
                .put("on_invoice", check.onInvoice())
                .put("recomputed", check.recomputed())
                .put("equal", check.equal()));
    }

    static ObjectNode of(Credited credited) {
        return MAPPER.createObjectNode()
                .put("number", credited.number())
                .put("credits", credited.invoice())
                .put("currency", credited.currency())
                .put("net", credited.net().toPlainString())
                .put("tax", credited.tax().toPlainString())
                .put("total", credited.net().add(credited.tax()).toPlainString())
                .put("left_net", credited.leftNet().toPlainString())
                .put("left_tax", credited.leftTax().toPlainString());
    }
}
