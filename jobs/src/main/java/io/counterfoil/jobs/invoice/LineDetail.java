package io.counterfoil.jobs.invoice;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.jobs.rating.BilledUsage;
import io.counterfoil.jobs.rating.RatedLine;
import io.counterfoil.jobs.rating.TierPart;

import java.math.BigDecimal;
import java.util.Optional;

/**
 * How a line's amount came about, as JSON: {@code per}, {@code included} and {@code before} in the measure; {@code billed} and the tiers'
 * {@code quantity} in {@code per}; {@code exact} before rounding. Numbers are text: many a reader would make doubles of them. One without an
 * end as a decimal is a fraction, as {@code 1/3}.
 */
final class LineDetail {
    private LineDetail() {}

    static ObjectNode of(RatedLine line, Optional<String> keyLabel, Optional<Long> hours) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        keyLabel.ifPresent(label -> json.put("key", label));
        hours.ifPresent(count -> json.put("hours", count));
        line.usage().ifPresent(usage -> usage(json, usage));
        if (!line.parts().isEmpty()) {
            ArrayNode parts = json.putArray("parts");
            line.parts().forEach(part -> part(parts.addObject(), part));
        }
        json.put("exact", line.exact().fraction());
        return json;
    }

    private static void usage(ObjectNode json, BilledUsage usage) {
        json.put("per", usage.meter().per().toPlainString());
        json.put("included", usage.meter().included().toPlainString());
        if (!usage.meter().routes().all()) {
            usage.meter().routes().only().forEach(json.withArray("/routes")::add);
            usage.meter().routes().except().forEach(json.withArray("/except_routes")::add);
        }
        json.put("before", usage.before().toPlainString());
        json.put("billed", usage.billed().fraction());
    }

    private static void part(ObjectNode json, TierPart part) {
        json.put("from", part.from().toPlainString());
        part.to().map(BigDecimal::toPlainString).ifPresent(end -> json.put("to", end));
        json.put("quantity", part.quantity().fraction())
                .put("price", part.unit().text());
        if (!part.flat().isZero()) {
            json.put("fee", part.flat().text());
        }
        json.put("amount", part.amount().fraction());
    }
}
