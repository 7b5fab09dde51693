package io.counterfoil.jobs.rating;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Currency;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Cards of a seed. */
final class RandomCards {
    static final PlanRef PLAN = new PlanRef("plan", 1);
    static final long HOURS = 744;

    private static final List<String> CURRENCIES = List.of("EUR", "USD", "JPY", "KWD");

    private final Random random;

    RandomCards(Random random) {
        this.random = random;
    }

    Random random() {
        return random;
    }

    Currency currency() {
        return Currency.getInstance(CURRENCIES.get(random.nextInt(CURRENCIES.size())));
    }

    /** Up to 12 decimals, now and then 0. */
    Price price() {
        return random.nextInt(6) == 0
                ? Price.ZERO
                : new Price(BigDecimal.valueOf(random.nextInt(1, 2_000_000), random.nextInt(Price.MAX_DECIMALS + 1)));
    }

    Price fee() {
        return random.nextBoolean() ? Price.ZERO : new Price(BigDecimal.valueOf(random.nextInt(1, 10_000), 2));
    }

    /** With ends at whole numbers. */
    List<Tier> tiers() {
        List<Tier> tiers = new ArrayList<>();
        long end = 0;
        for (int i = random.nextInt(4); i > 0; i--) {
            end += random.nextInt(1, 60);
            tiers.add(new Tier(Optional.of(BigDecimal.valueOf(end)), price(), fee()));
        }
        tiers.add(new Tier(Optional.empty(), price(), fee()));
        return tiers;
    }

    Model.OfUsage model() {
        return switch (random.nextInt(4)) {
            case 0 -> new Model.PerUnit(price());
            case 1 -> new Model.Graduated(tiers());
            case 2 -> new Model.Volume(tiers());
            default -> new Model.Packages(price());
        };
    }

    BigDecimal per() {
        long[] sizes = {1, 1, 2, 3, 7, 100, 1000, 3600, 1L << 30};
        return BigDecimal.valueOf(sizes[random.nextInt(sizes.length)]);
    }

    /** So much that it reaches each of the tiers now and then. */
    BigDecimal quantity(BigDecimal per) {
        long reach = per.longValueExact() * 250;
        return BigDecimal.valueOf(random.nextInt(8) == 0 ? 0 : random.nextLong(reach + 1));
    }

    static RatedPeriod rate(RateCard card, BigDecimal units) {
        return Rating.rate(List.of(new Timeline(List.of(segment(card, HOURS, units)))), HOURS, Optional.empty());
    }

    static RatedLine line(Currency currency, Meter meter, Model.OfUsage model, BigDecimal units) {
        return rate(RateCard.of(currency, Charge.of("it", meter, model)), units)
                .lines()
                .get(0);
    }

    static Segment segment(RateCard card, long hours, BigDecimal units) {
        return new Segment(PLAN, card, OnPlanChange.CARRY, hours, units(units));
    }

    static Usage units(BigDecimal units) {
        return Usage.of("items", Measure.UNITS, units);
    }
}
