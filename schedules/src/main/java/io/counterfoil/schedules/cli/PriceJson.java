package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.jobs.plans.PlanVersion;
import io.counterfoil.jobs.rating.RatedLine;
import io.counterfoil.jobs.rating.RatedPeriod;

import java.math.BigDecimal;
import java.util.List;

/** A rated period for programs. Numbers are text: many a reader would make doubles of them; one without an end is a fraction. */
final class PriceJson {
    private PriceJson() {}

    static ObjectNode of(PlanVersion version, RatedPeriod period, List<String> unpriced) {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("plan", version.ref().plan()).put("version", version.ref().version());
        json.put("interval", version.period().interval().text());
        json.put("currency", period.currency().getCurrencyCode());
        period.lines().forEach(line -> line(json.withArray("/lines").addObject(), line));
        json.put("net", period.net().toPlainString()).put("tax", period.tax().toPlainString());
        json.put("total", period.total().toPlainString());
        unpriced.forEach(json.putArray("no_charge_counts")::add);
        return json;
    }

    static void line(ObjectNode json, RatedLine line) {
        json.put("kind", line.kind().text()).put("name", line.name());
        line.usage()
                .ifPresent(usage -> json.put("measure", usage.meter().measure().text())
                        .put("routes", usage.meter().routes().text())
                        .put("per", usage.meter().per().toPlainString())
                        .put("included", usage.meter().included().toPlainString())
                        .put("used", usage.quantity().toPlainString())
                        .put("billed", usage.billed().fraction()));
        line.parts()
                .forEach(part -> json.withArray("/parts")
                        .addObject()
                        .put("from", part.from().toPlainString())
                        .put("to", part.to().map(BigDecimal::toPlainString).orElse(null))
                        .put("quantity", part.quantity().fraction())
                        .put("price", part.unit().text())
                        .put("flat", part.flat().text())
                        .put("amount", part.amount().fraction()));
        json.put("exact", line.exact().fraction()).put("amount", line.amount().toPlainString());
    }
}
