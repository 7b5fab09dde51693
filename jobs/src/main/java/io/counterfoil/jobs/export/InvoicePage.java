package io.counterfoil.jobs.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import io.counterfoil.sql.export.ShownInvoice;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A final invoice or credit as one page of HTML, to be read, printed and mailed: no script, nothing that is loaded from elsewhere, and whatever
 * comes from names, addresses or reasons is escaped. The same invoice gives the same bytes.
 */
public final class InvoicePage {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("yyyy-MM-dd", Locale.ROOT);
    private static final DateTimeFormatter HOUR = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);
    private static final Template TEMPLATE = Mustache.compiler()
            .escapeHTML(true)
            .emptyStringIsFalse(true)
            .defaultValue("")
            .compile(template());

    private final ShownInvoice invoice;
    private final JsonNode buyer;
    private final ZoneId zone;

    private InvoicePage(ShownInvoice invoice) {
        this.invoice = invoice;
        this.buyer = parsed(invoice.buyer());
        this.zone = ZoneId.of(text(buyer, "time_zone").orElse("UTC"));
    }

    /** UTF-8. */
    public static byte[] of(ShownInvoice invoice) {
        return TEMPLATE.execute(new InvoicePage(invoice).values()).getBytes(StandardCharsets.UTF_8);
    }

    private Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("title", (invoice.kind().equals("credit") ? "Credit note " : "Invoice ") + invoice.number());
        invoice.credits().ifPresent(number -> values.put("credits", number));
        values.put("date", DAY.format(invoice.finalisedAt().atZone(zone)));
        values.put("from", moment(invoice.from()));
        values.put("to", last(invoice.to()));
        values.put("zone", "Times of " + zone.getId());
        values.put("currency", invoice.currency());
        values.put("parties", parties());
        values.put(
                "lines",
                invoice.lines().stream()
                        .filter(line -> !line.kind().equals("tax"))
                        .map(this::line)
                        .toList());
        values.put(
                "taxes",
                invoice.lines().stream()
                        .filter(line -> line.kind().equals("tax"))
                        .map(line -> Map.of("name", line.name(), "amount", grouped(line.amount())))
                        .toList());
        values.put("net", grouped(invoice.net()));
        values.put("total", grouped(invoice.total()));
        values.put("footnotes", footnotes());
        return values;
    }

    private List<Map<String, String>> parties() {
        JsonNode seller = parsed(invoice.seller());
        Map<String, String> from = party("From", seller, text(seller, "name").orElse(""), text(seller, "email"));
        String name = text(buyer, "name").orElse("");
        Map<String, String> to =
                party("To", buyer, text(buyer, "legal_name").orElse(name), text(buyer, "billing_email"));
        List<String> reference = new ArrayList<>();
        if (text(buyer, "legal_name").isPresent()) {
            reference.add("Account " + name);
        }
        text(buyer, "external_id").ifPresent(id -> reference.add("Reference " + id));
        to.put("reference", String.join(" · ", reference));
        return List.of(from, to);
    }

    private static Map<String, String> party(String role, JsonNode who, String name, Optional<String> email) {
        Map<String, String> party = new LinkedHashMap<>();
        party.put("role", role);
        party.put("name", name);
        party.put("address", text(who, "address").orElse(""));
        party.put("taxId", text(who, "tax_id").orElse(""));
        party.put("email", email.orElse(""));
        // Else the section of one would find the page's.
        party.put("reference", "");
        return party;
    }

    private Map<String, Object> line(ShownInvoice.Line line) {
        JsonNode detail = parsed(line.detail());
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("name", line.name());
        values.put("notes", notes(line, detail));
        values.put(
                "quantity",
                line.quantity().map(used -> quantity(used, line.measure())).orElse(""));
        values.put("amount", grouped(line.amount()));
        List<Map<String, String>> parts = InvoiceParts.of(line, detail);
        values.put("parts", parts);
        values.put("hasParts", !parts.isEmpty());
        return values;
    }

    private List<String> notes(ShownInvoice.Line line, JsonNode detail) {
        List<String> notes = new ArrayList<>();
        line.plan()
                .ifPresent(plan -> notes.add("Plan " + plan
                        + line.planVersion()
                                .map(version -> ", version " + version)
                                .orElse("")
                        + text(detail, "key").map(key -> ", key " + key).orElse("")));
        if (line.since().isPresent()
                && line.until().isPresent()
                && !(line.since().get().equals(invoice.from())
                        && line.until().get().equals(invoice.to()))) {
            notes.add(moment(line.since().get()) + " – " + last(line.until().get()));
        }
        text(detail, "included")
                .map(BigDecimal::new)
                .filter(included -> included.signum() > 0)
                .ifPresent(included -> notes.add(quantity(included, line.measure()) + " included"));
        text(detail, "rated")
                .ifPresent(rated -> notes.add("Rated anew " + grouped(new BigDecimal(rated)) + ", invoiced before "
                        + grouped(new BigDecimal(text(detail, "invoiced").orElse("0")))));
        JsonNode added = detail.path("added");
        if (added.size() > 0) {
            notes.add(
                    added.size() == 1
                            ? "For usage of the hour "
                                    + added.get(0).path("hour").asText()
                            : "For usage of " + added.size() + " hours, "
                                    + added.get(0).path("hour").asText() + " to "
                                    + added.get(added.size() - 1).path("hour").asText());
        }
        return notes;
    }

    private List<String> footnotes() {
        List<String> notes = new ArrayList<>();
        if (invoice.kind().equals("credit")) {
            invoice.reason().ifPresent(reason -> notes.add("Reason: " + reason));
        }
        if (invoice.incompleteHours() > 0) {
            notes.add(grouped(BigDecimal.valueOf(invoice.incompleteHours()))
                    + " hours of the period are billed as far as their usage is proven; what is found later is on a later"
                    + " invoice.");
        }
        return notes;
    }

    private String moment(Instant at) {
        var local = at.atZone(zone);
        return (local.getHour() == 0 && local.getMinute() == 0 ? DAY : HOUR).format(local);
    }

    /** Where a time ends: the last day of it, or the hour behind it. */
    private String last(Instant end) {
        var local = end.atZone(zone);
        return local.getHour() == 0 && local.getMinute() == 0 ? DAY.format(local.minusDays(1)) : HOUR.format(local);
    }

    static String quantity(BigDecimal quantity, Optional<String> measure) {
        return grouped(quantity)
                + measure.map(name -> " " + (name.equals("bytes_out") ? "bytes" : name))
                        .orElse("");
    }

    /** With a comma between thousands; every digit behind the point as it is. */
    static String grouped(BigDecimal value) {
        String text = value.abs().toPlainString();
        int point = text.indexOf('.') < 0 ? text.length() : text.indexOf('.');
        StringBuilder grouped = new StringBuilder(text);
        for (int i = point - 3; i > 0; i -= 3) {
            grouped.insert(i, ',');
        }
        return (value.signum() < 0 ? "\u2212" : "") + grouped;
    }

    static Optional<String> text(JsonNode node, String name) {
        return Optional.ofNullable(node.get(name))
                .filter(JsonNode::isValueNode)
                .map(JsonNode::asText)
                .filter(value -> !value.isEmpty() && !value.equals("null"));
    }

    private static JsonNode parsed(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what an invoice keeps as JSON is none", e);
        }
    }

    private static String template() {
        try (InputStream in = InvoicePage.class.getResourceAsStream("invoice.html")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
