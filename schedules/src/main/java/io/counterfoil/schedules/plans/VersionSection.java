package io.counterfoil.schedules.plans;

import io.counterfoil.accesslog.record.Outcome;
import io.counterfoil.jobs.plans.BillingPeriod;
import io.counterfoil.jobs.plans.BillingPeriod.Interval;
import io.counterfoil.jobs.plans.PlanVersion;
import io.counterfoil.jobs.plans.PlanVersion.Counted;
import io.counterfoil.jobs.rating.Charge;
import io.counterfoil.jobs.rating.OnPlanChange;
import io.counterfoil.jobs.rating.Percent;
import io.counterfoil.jobs.rating.PlanRef;
import io.counterfoil.jobs.rating.Price;
import io.counterfoil.jobs.rating.RateCard;
import io.counterfoil.schedules.yaml.YamlFields;
import io.counterfoil.sql.limits.UsageLimit;

import java.util.Arrays;
import java.util.Currency;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The fields of one version of a plan. */
final class VersionSection {
    static final Set<String> FIELDS = YamlFields.ordered(
            "version",
            "currency",
            "interval",
            "anchor_day",
            "billable",
            "thresholds",
            "on_plan_change",
            "limits",
            "discount_percent",
            "minimum_commitment",
            "charges");
    private static final Set<String> LIMIT = YamlFields.ordered("limit", "over", "per");

    private final String plan;
    private final YamlFields fields;

    VersionSection(String plan, YamlFields fields) {
        this.plan = plan;
        this.fields = fields;
    }

    /** Empty where it has a fault. */
    Optional<PlanVersion> read() {
        if (!fields.isMapping()) {
            return Optional.empty();
        }
        Optional<Integer> number =
                fields.value("version", true, "a number from 1 on", text -> number(text, 999_999_999));
        Optional<BillingPeriod> period = period();
        Optional<Counted> counted = counted();
        Optional<OnPlanChange> onChange =
                either("on_plan_change", "carry or restart", OnPlanChange.CARRY, OnPlanChange::named);
        Optional<List<UsageLimit>> limits = limits();
        Optional<RateCard> card = card();
        if (number.isEmpty() || period.isEmpty() || counted.isEmpty() || onChange.isEmpty() || limits.isEmpty()) {
            return Optional.empty();
        }
        return card.flatMap(rates -> fields.made(() -> new PlanVersion(
                new PlanRef(plan, number.get()), period.get(), limits.get(), counted.get(), onChange.get(), rates)));
    }

    private Optional<BillingPeriod> period() {
        Optional<Interval> interval =
                either("interval", "monthly, quarterly or yearly", Interval.MONTHLY, Interval::named);
        Optional<Integer> day = either("anchor_day", "1 to 31", 1, text -> number(text, 31));
        return interval.flatMap(each -> day.flatMap(anchor -> fields.made(() -> new BillingPeriod(each, anchor))));
    }

    private Optional<Counted> counted() {
        List<Outcome> billable = fields.node("billable").isEmpty()
                ? List.of(Outcome.SUCCESS)
                : fields.list("billable", "success, client_error or server_error", VersionSection::outcome);
        List<Integer> thresholds = fields.node("thresholds").isEmpty()
                ? List.of(80, 100)
                : fields.list("thresholds", "a percent from 1 to 1000", text -> number(text, 1000));
        return fields.made(() -> new Counted(Set.copyOf(billable), thresholds));
    }

    private Optional<List<UsageLimit>> limits() {
        List<YamlFields> sections = fields.sections("limits", false, LIMIT);
        List<UsageLimit> limits =
                sections.stream().flatMap(section -> limit(section).stream()).toList();
        return Optional.of(limits).filter(read -> read.size() == sections.size());
    }

    private static Optional<UsageLimit> limit(YamlFields section) {
        if (!section.isMapping()) {
            return Optional.empty();
        }
        String expected = "NUMBER/hour, NUMBER/day or NUMBER/period, as in 1000/hour or 50GiB/period";
        String action = section.value("over", false, "refuse, warn or notify", Optional::of)
                .orElse("refuse");
        String scope =
                section.value("per", false, "key or account", Optional::of).orElse("key");
        return section.parsed("limit", true, expected, text -> UsageLimit.parse(text, action, scope));
    }

    private Optional<RateCard> card() {
        Optional<Currency> currency =
                fields.value("currency", true, "three letters of ISO 4217, as in EUR", VersionSection::currency);
        Optional<Price> minimum = fields.node("minimum_commitment").isEmpty()
                ? Optional.of(Price.ZERO)
                : fields.parsed("minimum_commitment", true, "an amount, as in 20.00", Price::parse);
        Optional<Percent> discount = fields.node("discount_percent").isEmpty()
                ? Optional.of(Percent.ZERO)
                : fields.parsed("discount_percent", true, "0 to 100", Percent::parse);
        List<YamlFields> sections = fields.sections("charges", true, ChargeSection.FIELDS);
        List<Charge> charges = sections.stream()
                .flatMap(section -> new ChargeSection(section).read().stream())
                .toList();
        if (currency.isEmpty() || minimum.isEmpty() || discount.isEmpty() || charges.size() < sections.size()) {
            return Optional.empty();
        }
        return fields.made(() -> new RateCard(currency.get(), charges, minimum.get(), discount.get()));
    }

    /** What the field says; the default where it is missing; empty where it is wrong. */
    private <T> Optional<T> either(String name, String expected, T byDefault, Function<String, Optional<T>> parser) {
        return fields.node(name).isEmpty() ? Optional.of(byDefault) : fields.value(name, true, expected, parser);
    }

    private static Optional<Integer> number(String text, int most) {
        return Optional.of(text)
                .filter(digits -> digits.matches("[0-9]{1,9}"))
                .map(Integer::valueOf)
                .filter(number -> number >= 1 && number <= most);
    }

    private static Optional<Outcome> outcome(String text) {
        return Arrays.stream(Outcome.values())
                .filter(each -> each.text().equals(text) && PlanVersion.MAY_BE_BILLABLE.contains(each))
                .findFirst();
    }

    private static Optional<Currency> currency(String text) {
        return Currency.getAvailableCurrencies().stream()
                .filter(each -> each.getCurrencyCode().equals(text.toUpperCase(Locale.ROOT)))
                .findFirst();
    }
}
