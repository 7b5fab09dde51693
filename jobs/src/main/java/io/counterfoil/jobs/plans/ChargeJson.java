package io.counterfoil.jobs.plans;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.jobs.rating.Charge;
import io.counterfoil.jobs.rating.Measure;
import io.counterfoil.jobs.rating.Meter;
import io.counterfoil.jobs.rating.Model;
import io.counterfoil.jobs.rating.Price;
import io.counterfoil.jobs.rating.Routes;
import io.counterfoil.jobs.rating.Tier;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/** A charge within {@link PlanJson}; fields as in a plans file. */
final class ChargeJson {
    private ChargeJson() {}

    static void write(Charge charge, ObjectNode json) {
        json.put("name", charge.name()).put("model", charge.model().text());
        charge.meter().ifPresent(meter -> {
            json.put("measure", meter.measure().text());
            json.put("per", meter.per().toPlainString());
            meter.routes().only().forEach(json.putArray("routes")::add);
            meter.routes().except().forEach(json.putArray("except_routes")::add);
            json.put("included", meter.included().toPlainString());
        });
        if (charge.model() instanceof Model.Flat flat) {
            json.put("price", flat.fee().text());
        } else if (charge.model() instanceof Model.PerUnit each) {
            json.put("price", each.unit().text());
        } else if (charge.model() instanceof Model.Packages each) {
            json.put("price", each.price().text());
        } else if (charge.model() instanceof Model.Graduated graduated) {
            write(graduated.tiers(), json.putArray("tiers"));
        } else if (charge.model() instanceof Model.Volume volume) {
            write(volume.tiers(), json.putArray("tiers"));
        } else {
            throw new IllegalStateException("model " + charge.model().text() + " has no JSON");
        }
    }

    private static void write(List<Tier> tiers, ArrayNode json) {
        for (Tier tier : tiers) {
            ObjectNode each = json.addObject();
            tier.upTo().ifPresent(end -> each.put("up_to", end.toPlainString()));
            each.put("price", tier.unit().text()).put("flat", tier.flat().text());
        }
    }

    static Charge read(JsonNode json) {
        String name = PlanJson.text(json, "name");
        return switch (PlanJson.text(json, "model")) {
            case "flat" -> Charge.flat(name, price(json, "price"));
            case "per_unit" -> Charge.of(name, meter(json), new Model.PerUnit(price(json, "price")));
            case "package" -> Charge.of(name, meter(json), new Model.Packages(price(json, "price")));
            case "graduated" -> Charge.of(name, meter(json), new Model.Graduated(tiers(json)));
            case "volume" -> Charge.of(name, meter(json), new Model.Volume(tiers(json)));
            default -> throw PlanJson.wrong(json, "model");
        };
    }

    private static Meter meter(JsonNode json) {
        return new Meter(
                Measure.named(PlanJson.text(json, "measure")).orElseThrow(() -> PlanJson.wrong(json, "measure")),
                new BigDecimal(PlanJson.text(json, "per")),
                new Routes(texts(json, "routes"), texts(json, "except_routes")),
                new BigDecimal(PlanJson.text(json, "included")));
    }

    private static List<String> texts(JsonNode json, String field) {
        return PlanJson.array(json, field).valueStream().map(JsonNode::asText).toList();
    }

    private static List<Tier> tiers(JsonNode json) {
        return PlanJson.array(json, "tiers").valueStream().map(ChargeJson::tier).toList();
    }

    private static Tier tier(JsonNode json) {
        Optional<BigDecimal> end =
                json.has("up_to") ? Optional.of(new BigDecimal(PlanJson.text(json, "up_to"))) : Optional.empty();
        return new Tier(end, price(json, "price"), price(json, "flat"));
    }

    private static Price price(JsonNode json, String field) {
        return new Price(new BigDecimal(PlanJson.text(json, field)));
    }
}
