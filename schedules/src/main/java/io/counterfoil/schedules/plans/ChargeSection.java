package io.counterfoil.schedules.plans;

import io.counterfoil.jobs.rating.Charge;
import io.counterfoil.jobs.rating.Measure;
import io.counterfoil.jobs.rating.Meter;
import io.counterfoil.jobs.rating.Model;
import io.counterfoil.jobs.rating.Price;
import io.counterfoil.jobs.rating.Routes;
import io.counterfoil.jobs.rating.Tier;
import io.counterfoil.schedules.yaml.YamlFields;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The fields of one charge. */
final class ChargeSection {
    static final Set<String> FIELDS = YamlFields.ordered(
            "name", "model", "measure", "per", "routes", "except_routes", "included", "price", "tiers");
    private static final Set<String> TIER = YamlFields.ordered("up_to", "price", "flat");
    private static final Set<String> MODELS = YamlFields.ordered("flat", "per_unit", "graduated", "volume", "package");
    private static final Set<String> PRICED =
            Set.of("name", "model", "measure", "per", "routes", "except_routes", "included", "price");
    private static final Set<String> TIERED =
            Set.of("name", "model", "measure", "per", "routes", "except_routes", "included", "tiers");

    private final YamlFields fields;

    ChargeSection(YamlFields fields) {
        this.fields = fields;
    }

    /** Empty where it has a fault. */
    Optional<Charge> read() {
        if (!fields.isMapping()) {
            return Optional.empty();
        }
        Optional<String> name = fields.value("name", true, "what the line is called", Optional::of);
        Optional<String> model = fields.value(
                "model",
                true,
                String.join(", ", MODELS),
                text -> Optional.of(text).filter(MODELS::contains));
        if (model.isEmpty()) {
            return Optional.empty();
        }
        if (model.get().equals("flat")) {
            fields.only(Set.of("name", "model", "price"), "a flat fee has a price, and counts nothing");
            Optional<Price> fee = price(fields, "price");
            return name.flatMap(called -> fee.flatMap(of -> fields.made(() -> Charge.flat(called, of))));
        }
        Optional<Meter> meter = meter();
        Optional<? extends Model.OfUsage> priced = priced(model.get());
        return name.flatMap(called -> meter.flatMap(
                counts -> priced.flatMap(prices -> fields.made(() -> Charge.of(called, counts, prices)))));
    }

    private Optional<? extends Model.OfUsage> priced(String model) {
        boolean tiered = model.equals("graduated") || model.equals("volume");
        fields.only(tiered ? TIERED : PRICED, model + " has " + (tiered ? "tiers, each with its price" : "one price"));
        return switch (model) {
            case "per_unit" -> price(fields, "price").map(Model.PerUnit::new);
            case "package" -> price(fields, "price").map(Model.Packages::new);
            case "graduated" -> tiers(Model.Graduated::new);
            default -> tiers(Model.Volume::new);
        };
    }

    private <T> Optional<T> tiers(Function<List<Tier>, T> model) {
        List<YamlFields> sections = fields.sections("tiers", true, TIER);
        List<Tier> tiers =
                sections.stream().flatMap(section -> tier(section).stream()).toList();
        return tiers.size() == sections.size() && fields.node("tiers").isPresent()
                ? fields.made(() -> model.apply(tiers))
                : Optional.empty();
    }

    private static Optional<Tier> tier(YamlFields section) {
        if (!section.isMapping()) {
            return Optional.empty();
        }
        boolean open = section.node("up_to").isEmpty();
        Optional<BigDecimal> end =
                open ? Optional.empty() : section.parsed("up_to", true, "where the tier ends", Tier::end);
        Optional<Price> unit = price(section, "price");
        Optional<Price> flat = section.node("flat").isEmpty() ? Optional.of(Price.ZERO) : price(section, "flat");
        return unit.isEmpty() || flat.isEmpty() || (end.isEmpty() && !open)
                ? Optional.empty()
                : Optional.of(new Tier(end, unit.get(), flat.get()));
    }

    private Optional<Meter> meter() {
        Optional<Measure> measure = fields.value("measure", true, "requests, units or bytes_out", Measure::named);
        if (measure.isEmpty()) {
            return Optional.empty();
        }
        Optional<BigDecimal> per = amount(
                "per",
                BigDecimal.ONE,
                text -> Meter.of(measure.get()).per(measure.get().amount(text)).per());
        Optional<BigDecimal> included =
                amount("included", BigDecimal.ZERO, text -> measure.get().amount(text));
        String route = "a route's name, or the beginning of names and *";
        List<String> only = fields.list("routes", route, Optional::of);
        List<String> except = fields.list("except_routes", route, Optional::of);
        Optional<Routes> routes = fields.made(() -> new Routes(only, except));
        return per.flatMap(size -> included.flatMap(free ->
                routes.flatMap(named -> fields.made(() -> new Meter(measure.get(), size, named, free)))));
    }

    private Optional<BigDecimal> amount(String name, BigDecimal byDefault, Function<String, BigDecimal> parser) {
        return fields.node(name).isEmpty()
                ? Optional.of(byDefault)
                : fields.parsed(name, true, "an amount of its measure, as in 1000 or GiB", parser);
    }

    private static Optional<Price> price(YamlFields section, String name) {
        return section.parsed(name, true, "a price of up to 12 decimals, as in 0.0004", Price::parse);
    }
}
