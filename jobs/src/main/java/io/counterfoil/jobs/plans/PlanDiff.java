package io.counterfoil.jobs.plans;

import io.counterfoil.accesslog.record.Outcome;
import io.counterfoil.jobs.rating.Charge;
import io.counterfoil.jobs.rating.Meter;
import io.counterfoil.jobs.rating.Model;
import io.counterfoil.jobs.rating.Tier;
import io.counterfoil.sql.limits.UsageLimit;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** In what two versions of a plan differ, field by field, named as in a plans file. The order of limits means nothing; that of charges does. */
final class PlanDiff {
    private static final String NONE = "-";

    private PlanDiff() {}

    static List<PlanChange.Field> of(PlanVersion before, PlanVersion after) {
        return of(fields(before), fields(after));
    }

    /** As {@link #of(PlanVersion, PlanVersion)}, of a version that was made with limits alone. */
    static List<PlanChange.Field> of(List<UsageLimit> before, PlanVersion after) {
        Map<String, String> limits = new LinkedHashMap<>();
        limits(before, limits);
        return of(limits, fields(after));
    }

    private static List<PlanChange.Field> of(Map<String, String> before, Map<String, String> after) {
        Set<String> names = new LinkedHashSet<>(after.keySet());
        names.addAll(before.keySet());
        List<PlanChange.Field> fields = new ArrayList<>();
        for (String name : names) {
            String was = before.getOrDefault(name, NONE);
            String is = after.getOrDefault(name, NONE);
            if (!was.equals(is)) {
                fields.add(new PlanChange.Field(name, was, is));
            }
        }
        return fields;
    }

    private static Map<String, String> fields(PlanVersion version) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("currency", version.card().currency().getCurrencyCode());
        fields.put("interval", version.period().interval().text());
        fields.put("anchor_day", Integer.toString(version.period().anchorDay()));
        fields.put(
                "billable",
                version.counted().billable().stream()
                        .sorted()
                        .map(Outcome::text)
                        .collect(Collectors.joining(", ")));
        fields.put("thresholds", version.counted().thresholds().toString());
        fields.put("on_plan_change", version.onChange().text());
        limits(version.limits(), fields);
        fields.put("discount_percent", version.card().discount().value().toPlainString());
        fields.put("minimum_commitment", version.card().minimum().text());
        fields.put(
                "charges",
                version.card().charges().stream().map(Charge::name).collect(Collectors.joining(", ", "[", "]")));
        version.card().charges().forEach(charge -> charge(charge, fields));
        return fields;
    }

    private static void limits(List<UsageLimit> limits, Map<String, String> fields) {
        Map<String, String> sorted = new TreeMap<>();
        for (UsageLimit limit : limits) {
            sorted.put(
                    "limit of " + limit.measure() + " per " + limit.scope() + " and " + limit.window() + ", then "
                            + limit.action(),
                    limit.text());
        }
        fields.putAll(sorted);
    }

    private static void charge(Charge charge, Map<String, String> fields) {
        String name = "charge '" + charge.name() + "' ";
        fields.put(name + "model", charge.model().text());
        charge.meter().ifPresent(meter -> meter(meter, name, fields));
        if (charge.model() instanceof Model.Flat flat) {
            fields.put(name + "price", flat.fee().text());
        } else if (charge.model() instanceof Model.PerUnit each) {
            fields.put(name + "price", each.unit().text());
        } else if (charge.model() instanceof Model.Packages each) {
            fields.put(name + "price", each.price().text());
        } else if (charge.model() instanceof Model.Graduated graduated) {
            tiers(graduated.tiers(), name, fields);
        } else if (charge.model() instanceof Model.Volume volume) {
            tiers(volume.tiers(), name, fields);
        } else {
            throw new IllegalStateException("model " + charge.model().text() + " has no fields");
        }
    }

    private static void meter(Meter meter, String name, Map<String, String> fields) {
        fields.put(name + "measure", meter.measure().text());
        fields.put(name + "per", meter.per().toPlainString());
        fields.put(name + "routes", meter.routes().text());
        fields.put(name + "included", meter.included().toPlainString());
    }

    private static void tiers(List<Tier> tiers, String name, Map<String, String> fields) {
        for (int i = 0; i < tiers.size(); i++) {
            String tier = name + "tier " + (i + 1) + " ";
            fields.put(
                    tier + "up_to",
                    tiers.get(i).upTo().map(BigDecimal::toPlainString).orElse("no end"));
            fields.put(tier + "price", tiers.get(i).unit().text());
            fields.put(tier + "flat", tiers.get(i).flat().text());
        }
    }
}
