package io.counterfoil.jobs.plans;

import io.counterfoil.accesslog.record.Outcome;
import io.counterfoil.jobs.plans.BillingPeriod.Interval;
import io.counterfoil.jobs.plans.PlanVersion.Counted;
import io.counterfoil.jobs.rating.Charge;
import io.counterfoil.jobs.rating.Measure;
import io.counterfoil.jobs.rating.Meter;
import io.counterfoil.jobs.rating.Model;
import io.counterfoil.jobs.rating.OnPlanChange;
import io.counterfoil.jobs.rating.Percent;
import io.counterfoil.jobs.rating.PlanRef;
import io.counterfoil.jobs.rating.Price;
import io.counterfoil.jobs.rating.RateCard;
import io.counterfoil.jobs.rating.Routes;
import io.counterfoil.jobs.rating.Tier;
import io.counterfoil.sql.limits.UsageLimit;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Currency;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Versions of a seed, with everything that a version can have. */
final class RandomVersions {
    private static final List<String> CURRENCIES = List.of("EUR", "USD", "JPY", "KWD");
    private static final List<String> NAMES =
            List.of("requests", "=1+1", "@sum", "Grundgebühr", "検索 \"x\"", "a\\b", "😀", "it's, \"quoted\"");
    private static final List<String> ROUTES = List.of("search", "search.*", "*", "a_b-c.d", "items.free");

    private final Random random;

    RandomVersions(Random random) {
        this.random = random;
    }

    PlanVersion version(String plan, int number) {
        Set<Outcome> billable = random.nextBoolean()
                ? PlanVersion.MAY_BE_BILLABLE
                : Set.of(random.nextBoolean() ? Outcome.SUCCESS : Outcome.SERVER_ERROR);
        return new PlanVersion(
                new PlanRef(plan, number),
                new BillingPeriod(of(Interval.values()), random.nextInt(1, 32)),
                limits(),
                new Counted(
                        billable,
                        random.ints(random.nextInt(1, 10), 1, 1001).boxed().toList()),
                of(OnPlanChange.values()),
                card());
    }

    private List<UsageLimit> limits() {
        List<UsageLimit> limits = new ArrayList<>();
        for (String window : List.of("hour", "day", "period")) {
            for (String measure : List.of("requests", "units", "bytes_out")) {
                if (random.nextInt(4) == 0) {
                    limits.add(new UsageLimit(
                            random.nextBoolean() ? Long.MAX_VALUE : random.nextInt(1, 1000),
                            window,
                            measure,
                            List.of("notify", "warn", "refuse").get(random.nextInt(3)),
                            random.nextBoolean() ? "key" : "account"));
                }
            }
        }
        return limits;
    }

    private RateCard card() {
        Currency currency = Currency.getInstance(CURRENCIES.get(random.nextInt(CURRENCIES.size())));
        List<Charge> charges = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            charges.add(charge(NAMES.get(random.nextInt(NAMES.size())) + " " + i));
        }
        Price minimum = new Price(BigDecimal.valueOf(random.nextInt(0, 100_000), currency.getDefaultFractionDigits()));
        return new RateCard(
                currency, charges, minimum, new Percent(BigDecimal.valueOf(random.nextInt(0, 1_000_001), 4)));
    }

    private Charge charge(String name) {
        Meter meter = new Meter(
                of(Measure.values()),
                BigDecimal.valueOf(random.nextInt(1, 5) == 1 ? 1L << 30 : random.nextInt(1, 10_000)),
                new Routes(routes(), routes()),
                random.nextBoolean() ? BigDecimal.ZERO : new BigDecimal("9007199254740993").multiply(quantity()));
        return switch (random.nextInt(5)) {
            case 0 -> Charge.flat(name, price());
            case 1 -> Charge.of(name, meter, new Model.PerUnit(price()));
            case 2 -> Charge.of(name, meter, new Model.Packages(price()));
            case 3 -> Charge.of(name, meter, new Model.Graduated(tiers()));
            default -> Charge.of(name, meter, new Model.Volume(tiers()));
        };
    }

    private List<Tier> tiers() {
        List<Tier> tiers = new ArrayList<>();
        BigDecimal end = BigDecimal.ZERO;
        for (int i = random.nextInt(4); i > 0; i--) {
            end = end.add(quantity().movePointLeft(random.nextInt(4)));
            tiers.add(new Tier(Optional.of(end), price(), price()));
        }
        tiers.add(new Tier(Optional.empty(), price(), price()));
        return tiers;
    }

    private <T> T of(T[] values) {
        return List.of(values).get(random.nextInt(values.length));
    }

    private List<String> routes() {
        List<String> routes = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            routes.add(ROUTES.get(random.nextInt(ROUTES.size())));
        }
        return routes;
    }

    private BigDecimal quantity() {
        return BigDecimal.valueOf(random.nextLong(1, 1_000_000));
    }

    private Price price() {
        return new Price(BigDecimal.valueOf(random.nextLong(0, 999_999_999_999_999L), random.nextInt(13)));
    }
}
