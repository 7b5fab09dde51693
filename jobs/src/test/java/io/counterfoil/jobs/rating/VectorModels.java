package io.counterfoil.jobs.rating;

import com.fasterxml.jackson.databind.JsonNode;
import io.counterfoil.jobs.rating.RatedLine.Kind;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Currency;
import java.util.List;
import java.util.Optional;

/** Says the vectors in our words: which rate card, which usage. What has no words is empty. */
final class VectorModels {
    private static final Currency USD = Currency.getInstance("USD");
    private static final PlanRef PLAN = new PlanRef("vector", 1);

    private VectorModels() {}

    /**
     * What came of one.
     *
     * @param parts amounts that are not 0: of tiers, and of the minimum
     */
    record Outcome(
            Ratio exact, BigDecimal rounded, Ratio billed, Ratio billedBefore, List<String> parts, Ratio unitAmount) {}

    static Optional<Outcome> price(JsonNode vector) {
        JsonNode params = vector.get("params");
        JsonNode usage = vector.get("usage");
        return switch (vector.get("model").asText()) {
            case "per_unit", "per_unit_incremental" ->
                rated(meter(), new Model.PerUnit(price(params, "unit")), params, usage);
            case "graduated", "graduated_incremental" ->
                rated(meter(), new Model.Graduated(tiers(params, BigDecimal.ONE)), params, usage);
            case "volume" -> rated(meter(), new Model.Volume(tiers(params, BigDecimal.ONE)), params, usage);
            // The tier is chosen by more than what is priced: by what was used before, too.
            case "volume_prorated" ->
                rate(
                        RateCard.of(USD, Charge.of("it", meter(), new Model.Volume(tiers(params, BigDecimal.ONE)))),
                        number(usage, "tier_quantity").subtract(number(usage, "quantity")),
                        number(usage, "quantity"));
            // A percentage of a value that an origin reports as units is a price of a hundredth of it.
            case "graduated_percentage" ->
                rated(meter(), new Model.Graduated(tiers(params, new BigDecimal("0.01"))), params, usage);
            case "percentage" -> percentage(params, usage);
            case "package", "package_incremental" ->
                rated(
                        meter().per(number(params, "size")).including(optional(params, "free_units")),
                        new Model.Packages(price(params, "amount")),
                        params,
                        usage);
            case "package_count" ->
                rated(meter().per(number(params, "size")), new Model.Packages(Price.parse("1")), params, usage);
            case "block_graduated", "block_volume" -> blocks(vector);
            case "unit_conversion", "unit_conversion_incremental" -> conversion(vector);
            case "usage_discount" ->
                rated(meter().including(number(params, "free")), new Model.PerUnit(Price.parse("1")), params, usage);
            case "prorated_amount", "proration_coefficient" -> prorated(params, usage);
            case "minimum_commitment_true_up" -> trueUp(params, usage);
            default -> Optional.empty();
        };
    }

    static Optional<Outcome> conversion(JsonNode vector) {
        JsonNode params = vector.get("params");
        return rated(
                meter().per(number(params, "divide")),
                new Model.Packages(price(params, "unit")),
                params,
                vector.get("usage"));
    }

    private static Optional<Outcome> percentage(JsonNode params, JsonNode usage) {
        Price rate = new Price(number(params, "rate_pct").movePointLeft(2));
        Price each = params.has("fixed_per_event") ? price(params, "fixed_per_event") : Price.ZERO;
        RateCard card = RateCard.of(
                USD,
                Charge.of("value", Meter.of(Measure.UNITS), new Model.PerUnit(rate)),
                Charge.of("events", Meter.of(Measure.REQUESTS), new Model.PerUnit(each)));
        Usage used = Usage.of("-", Measure.UNITS, number(usage, "total"))
                .plus(Usage.of("-", Measure.REQUESTS, number(usage, "events")));
        return Optional.of(outcome(
                Rating.rate(List.of(new Timeline(List.of(segment(card, 1, used)))), 1, Optional.empty()), 0));
    }

    /** Blocks of one size in one tier are packages; blocks of 1 in several are tiers, each as wide as its blocks. */
    private static Optional<Outcome> blocks(JsonNode vector) {
        JsonNode blocks = vector.get("params").get("tiers");
        JsonNode usage = vector.get("usage");
        if (blocks.size() == 1) {
            JsonNode only = blocks.get(0);
            return rated(
                    meter().per(number(only, "block_size")),
                    new Model.Packages(price(only, "block_price")),
                    only,
                    usage);
        }
        List<Tier> tiers = new ArrayList<>();
        BigDecimal end = BigDecimal.ZERO;
        for (JsonNode tier : blocks) {
            if (number(tier, "block_size").compareTo(BigDecimal.ONE) != 0) {
                return Optional.empty();
            }
            end = end.add(number(tier, "max_blocks"));
            boolean open = tiers.size() == blocks.size() - 1;
            tiers.add(new Tier(open ? Optional.empty() : Optional.of(end), price(tier, "block_price"), Price.ZERO));
        }
        boolean graduated = vector.get("model").asText().equals("block_graduated");
        return rated(
                meter(), graduated ? new Model.Graduated(tiers) : new Model.Volume(tiers), vector.get("params"), usage);
    }

    /** By the hour, with both days whole. */
    private static Optional<Outcome> prorated(JsonNode params, JsonNode usage) {
        BigDecimal fee =
                params.has("amount_cents") ? number(params, "amount_cents").movePointLeft(2) : BigDecimal.ONE;
        RateCard card = RateCard.of(USD, Charge.flat("fee", new Price(fee)));
        Segment covered = segment(card, hours(usage, "covered_from", "covered_to"), Usage.NONE);
        long whole = hours(params, "period_from", "period_to");
        return Optional.of(outcome(Rating.rate(List.of(new Timeline(List.of(covered))), whole, Optional.empty()), 0));
    }

    private static long hours(JsonNode node, String from, String to) {
        return ChronoUnit.HOURS.between(
                LocalDate.parse(node.get(from).asText()).atStartOfDay(ZoneOffset.UTC),
                LocalDate.parse(node.get(to).asText()).plusDays(1).atStartOfDay(ZoneOffset.UTC));
    }

    private static Optional<Outcome> trueUp(JsonNode params, JsonNode usage) {
        BigDecimal commitment = params.has("commitment")
                ? number(params, "commitment")
                : number(params, "commitment_cents").movePointLeft(2);
        List<Charge> charges = new ArrayList<>();
        if (usage.has("billed")) {
            charges.add(Charge.flat("billed", price(usage, "billed")));
        } else {
            usage.get("fees_cents")
                    .forEach(fee -> charges.add(Charge.flat(
                            "fee " + charges.size(), new Price(new BigDecimal(fee.asText()).movePointLeft(2)))));
        }
        RateCard card = RateCard.of(USD, charges.toArray(Charge[]::new)).withMinimum(new Price(commitment));
        RatedPeriod period =
                Rating.rate(List.of(new Timeline(List.of(segment(card, 1, Usage.NONE)))), 1, Optional.empty());
        Ratio exact = period.lines().stream()
                .filter(line -> line.kind() == Kind.MINIMUM)
                .map(RatedLine::exact)
                .reduce(Ratio.ZERO, Ratio::plus);
        return Optional.of(new Outcome(exact, exact.rounded(2), Ratio.ZERO, Ratio.ZERO, List.of(), Ratio.ZERO));
    }

    /** Empty where it has a most that it costs. */
    private static Optional<Outcome> rated(Meter meter, Model.OfUsage model, JsonNode params, JsonNode usage) {
        if (params.hasNonNull("maximum") || params.has("usage_discount")) {
            return Optional.empty();
        }
        RateCard card = RateCard.of(USD, Charge.of("it", meter, model))
                .withMinimum(params.hasNonNull("minimum") ? price(params, "minimum") : Price.ZERO);
        return rate(card, optional(usage, "previous"), number(usage, "quantity"));
    }

    /** What was there before is a segment of its own, and what follows carries on from it. */
    private static Optional<Outcome> rate(RateCard card, BigDecimal before, BigDecimal quantity) {
        List<Segment> segments = new ArrayList<>();
        if (before.signum() > 0) {
            Segment earlier = segment(card, 0, Usage.of("-", Measure.UNITS, before));
            segments.add(new Segment(new PlanRef("before", 1), earlier.card(), OnPlanChange.CARRY, 0, earlier.usage()));
        }
        segments.add(segment(card, 1, Usage.of("-", Measure.UNITS, quantity)));
        RatedPeriod period = Rating.rate(List.of(new Timeline(segments)), 1, Optional.empty());
        return Optional.of(outcome(period, segments.size() - 1));
    }

    private static Outcome outcome(RatedPeriod period, int skipped) {
        List<RatedLine> lines = period.lines().subList(skipped, period.lines().size());
        Ratio exact = lines.stream().map(RatedLine::exact).reduce(Ratio.ZERO, Ratio::plus);
        Ratio billed = billed(lines.get(0));
        List<String> parts = new ArrayList<>();
        for (RatedLine line : lines) {
            for (TierPart part : line.parts()) {
                parts.add(part.amount().text());
            }
            if (line.kind() == Kind.MINIMUM) {
                parts.add(line.exact().text());
            }
        }
        parts.removeIf(amount -> amount.equals("0"));
        Ratio used =
                lines.get(0).usage().map(usage -> Ratio.of(usage.quantity())).orElse(Ratio.ZERO);
        return new Outcome(
                exact,
                lines.stream().map(RatedLine::amount).reduce(BigDecimal.ZERO, BigDecimal::add),
                billed,
                skipped == 0 ? Ratio.ZERO : billed(period.lines().get(0)),
                parts,
                used.signum() == 0 ? Ratio.ZERO : exact.dividedBy(used));
    }

    private static Ratio billed(RatedLine line) {
        return line.usage().map(BilledUsage::billed).orElse(Ratio.ZERO);
    }

    private static Segment segment(RateCard card, long hours, Usage usage) {
        return new Segment(PLAN, card, OnPlanChange.CARRY, hours, usage);
    }

    private static List<Tier> tiers(JsonNode params, BigDecimal factor) {
        List<Tier> tiers = new ArrayList<>();
        for (JsonNode tier : params.get("tiers")) {
            String unit = tier.has("unit") ? "unit" : "rate_pct";
            tiers.add(new Tier(
                    Optional.of(tier.get("up_to"))
                            .filter(end -> !end.isNull())
                            .map(end -> new BigDecimal(end.asText())),
                    new Price(number(tier, unit).multiply(factor)),
                    price(tier, "flat")));
        }
        return tiers;
    }

    private static Meter meter() {
        return Meter.of(Measure.UNITS);
    }

    private static Price price(JsonNode node, String field) {
        return new Price(number(node, field));
    }

    private static BigDecimal number(JsonNode node, String field) {
        return new BigDecimal(node.get(field).asText());
    }

    private static BigDecimal optional(JsonNode node, String field) {
        return node.hasNonNull(field) ? number(node, field) : new BigDecimal(BigInteger.ZERO);
    }
}
