package io.counterfoil.jobs.export;

import com.fasterxml.jackson.databind.JsonNode;
import io.counterfoil.sql.export.ShownInvoice;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How a charge came about, tier by tier, in words. */
final class InvoiceParts {
    private InvoiceParts() {}

    /** One a tier: {@code text}, {@code quantity}, {@code amount}, the latter before rounding. */
    static List<Map<String, String>> of(ShownInvoice.Line line, JsonNode detail) {
        List<Map<String, String>> parts = new ArrayList<>();
        JsonNode all = detail.path("parts");
        if (line.quantity().isEmpty()
                && all.size() == 1
                && number(all.get(0), "quantity").equals("1")) {
            // A whole flat fee: the line says it all.
            return parts;
        }
        for (JsonNode part : all) {
            Map<String, String> values = new LinkedHashMap<>();
            values.put("text", text(part, detail, all.size() > 1));
            values.put("quantity", "× " + number(part, "quantity"));
            values.put("amount", number(part, "amount"));
            parts.add(values);
        }
        return parts;
    }

    private static String text(JsonNode part, JsonNode detail, boolean tiers) {
        StringBuilder text = new StringBuilder();
        if (tiers) {
            text.append("over ").append(number(part, "from"));
            if (part.hasNonNull("to")) {
                text.append(" to ").append(number(part, "to"));
            }
            text.append(": ");
        }
        text.append(number(part, "price"));
        InvoicePage.text(detail, "per")
                .map(BigDecimal::new)
                .filter(per -> per.compareTo(BigDecimal.ONE) != 0)
                .ifPresent(per -> text.append(" per ").append(InvoicePage.grouped(per)));
        if (part.hasNonNull("fee")) {
            text.append(", and ").append(number(part, "fee"));
        }
        return text.toString();
    }

    /** A fraction that has no end as a decimal stays one. */
    private static String number(JsonNode part, String name) {
        Optional<String> text = InvoicePage.text(part, name);
        return text.map(value ->
                        value.matches("-?[0-9]+(\\.[0-9]+)?") ? InvoicePage.grouped(new BigDecimal(value)) : value)
                .orElse("");
    }
}
