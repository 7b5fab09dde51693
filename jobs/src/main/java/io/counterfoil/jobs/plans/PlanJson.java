package io.counterfoil.jobs.plans;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.accesslog.record.Outcome;
import io.counterfoil.jobs.plans.BillingPeriod.Interval;
import io.counterfoil.jobs.plans.PlanVersion.Counted;
import io.counterfoil.jobs.rating.OnPlanChange;
import io.counterfoil.jobs.rating.Percent;
import io.counterfoil.jobs.rating.PlanRef;
import io.counterfoil.jobs.rating.Price;
import io.counterfoil.jobs.rating.RateCard;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.limits.UsageLimit;

import java.util.Arrays;
import java.util.Currency;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A version of a plan as it is stored in {@code plan.definition}: all that it says. One text for equal versions. Decimals and quotas are
 * texts, so that no reader makes doubles of them; the order of the fields means nothing, as {@code jsonb} does not keep it.
 */
public final class PlanJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private PlanJson() {}

    public static String write(PlanVersion version) {
        ObjectNode json = JSON.createObjectNode();
        json.put("plan", version.ref().plan()).put("version", version.ref().version());
        json.put("currency", version.card().currency().getCurrencyCode());
        json.put("interval", version.period().interval().text());
        json.put("anchor_day", version.period().anchorDay());
        ArrayNode billable = json.putArray("billable");
        version.counted().billable().stream().sorted().map(Outcome::text).forEach(billable::add);
        ArrayNode thresholds = json.putArray("thresholds");
        version.counted().thresholds().forEach(thresholds::add);
        json.put("on_plan_change", version.onChange().text());
        ArrayNode limits = json.putArray("limits");
        version.limits()
                .forEach(limit -> limits.addObject()
                        .put("quota", Long.toString(limit.quota()))
                        .put("window", limit.window())
                        .put("measure", limit.measure())
                        .put("over", limit.action())
                        .put("per", limit.scope()));
        json.put("discount_percent", version.card().discount().value().toPlainString());
        json.put("minimum_commitment", version.card().minimum().text());
        ArrayNode charges = json.putArray("charges");
        version.card().charges().forEach(charge -> ChargeJson.write(charge, charges.addObject()));
        return json.toString();
    }

    /** @throws OperatorException category CORRUPT where the text is not what {@link #write} gives, up to the order of the fields */
    public static PlanVersion read(String text) {
        try {
            return read(JSON.readTree(text));
        } catch (JsonProcessingException | IllegalArgumentException | OperatorException e) {
            throw OperatorException.corrupt("a plan's definition in the database cannot be read: " + e.getMessage()
                    + "; expected what 'counterfoil plan apply' wrote; was it edited, or written by a newer release? It is: "
                    + text);
        }
    }

    private static PlanVersion read(JsonNode json) {
        RateCard card = new RateCard(
                Currency.getInstance(text(json, "currency")),
                array(json, "charges").valueStream().map(ChargeJson::read).toList(),
                Price.parse(text(json, "minimum_commitment")),
                Percent.parse(text(json, "discount_percent")));
        Interval interval = Interval.named(text(json, "interval")).orElseThrow(() -> wrong(json, "interval"));
        Set<Outcome> billable = array(json, "billable")
                .valueStream()
                .map(name -> Arrays.stream(Outcome.values())
                        .filter(each -> each.text().equals(name.asText()))
                        .findFirst()
                        .orElseThrow(() -> wrong(json, "billable")))
                .collect(Collectors.toSet());
        return new PlanVersion(
                new PlanRef(text(json, "plan"), number(json, "version")),
                new BillingPeriod(interval, number(json, "anchor_day")),
                array(json, "limits").valueStream().map(PlanJson::limit).toList(),
                new Counted(
                        billable,
                        array(json, "thresholds")
                                .valueStream()
                                .map(JsonNode::asInt)
                                .toList()),
                OnPlanChange.named(text(json, "on_plan_change")).orElseThrow(() -> wrong(json, "on_plan_change")),
                card);
    }

    private static UsageLimit limit(JsonNode json) {
        return new UsageLimit(
                Long.parseLong(text(json, "quota")),
                text(json, "window"),
                text(json, "measure"),
                text(json, "over"),
                text(json, "per"));
    }

    static String text(JsonNode json, String field) {
        JsonNode value = json.path(field);
        if (!value.isTextual()) {
            throw wrong(json, field);
        }
        return value.textValue();
    }

    private static int number(JsonNode json, String field) {
        JsonNode value = json.path(field);
        if (!value.canConvertToInt() || !value.isIntegralNumber()) {
            throw wrong(json, field);
        }
        return value.intValue();
    }

    static ArrayNode array(JsonNode json, String field) {
        if (json.path(field) instanceof ArrayNode values) {
            return values;
        }
        throw wrong(json, field);
    }

    static OperatorException wrong(JsonNode json, String field) {
        return OperatorException.corrupt(
                "'" + field + "' is " + (json.has(field) ? json.get(field).toString() : "missing"));
    }
}
