package io.counterfoil.jobs.rating;

import org.junit.jupiter.api.RepeatedTest;

import java.math.BigDecimal;
import java.util.Currency;
import java.util.List;
import java.util.Optional;
import java.util.Random;

import static io.counterfoil.jobs.rating.RandomCards.HOURS;
import static io.counterfoil.jobs.rating.RandomCards.line;
import static io.counterfoil.jobs.rating.RandomCards.segment;
import static io.counterfoil.jobs.rating.RandomCards.units;
import static org.assertj.core.api.Assertions.assertThat;

/** What holds of every card. A failure names its seed. */
final class RatingPropertiesTest {
    private static final int ROUNDS = 100;

    private final long seed = new Random().nextLong();
    private final RandomCards cards = new RandomCards(new Random(seed));
    private final Currency currency = cards.currency();

    @RepeatedTest(ROUNDS)
    void moreUsageNeverCostsLessByGraduatedTiers() {
        Model.Graduated model = new Model.Graduated(cards.tiers());
        Meter meter = Meter.of(Measure.UNITS).per(cards.per());
        BigDecimal less = cards.quantity(meter.per());
        BigDecimal more = less.add(cards.quantity(meter.per()));

        assertThat(line(currency, meter, model, more).exact())
                .as("seed %d, %s: %s against %s", seed, model, more, less)
                .isGreaterThanOrEqualTo(line(currency, meter, model, less).exact());
    }

    @RepeatedTest(ROUNDS)
    void aLineIsTheSumOfItsPartsRoundedOnce() {
        Meter meter = Meter.of(Measure.UNITS).per(cards.per());
        meter = meter.including(cards.quantity(meter.per()));
        RatedLine line = line(currency, meter, cards.model(), cards.quantity(meter.per()));

        Ratio sum = line.parts().stream().map(TierPart::amount).reduce(Ratio.ZERO, Ratio::plus);
        assertThat(line.exact()).as("seed %d", seed).isEqualTo(sum);
        assertThat(line.amount().scale()).isEqualTo(currency.getDefaultFractionDigits());
        assertThat(Ratio.of(line.amount()).minus(sum).max(sum.minus(Ratio.of(line.amount()))))
                .as("seed %d: at most half a minor unit apart", seed)
                .isLessThanOrEqualTo(
                        Ratio.of(new BigDecimal("0.5").movePointLeft(currency.getDefaultFractionDigits())));
    }

    @RepeatedTest(ROUNDS)
    void oneTierIsTheSameGraduatedAsByVolume() {
        List<Tier> tier = List.of(new Tier(Optional.empty(), cards.price(), cards.fee()));
        Meter meter = Meter.of(Measure.UNITS).per(cards.per());
        BigDecimal quantity = cards.quantity(meter.per());

        assertThat(line(currency, meter, new Model.Graduated(tier), quantity))
                .as("seed %d", seed)
                .usingRecursiveComparison()
                .isEqualTo(line(currency, meter, new Model.Volume(tier), quantity));
    }

    @RepeatedTest(ROUNDS)
    void whatIsIncludedCostsWhatNoUsageCosts() {
        Model.OfUsage model = cards.model();
        BigDecimal per = cards.per();
        BigDecimal used = cards.quantity(per);
        Meter meter = Meter.of(Measure.UNITS).per(per).including(used.add(cards.quantity(per)));

        RatedLine line = line(currency, meter, model, used);
        assertThat(line.exact())
                .as("seed %d", seed)
                .isEqualTo(line(currency, meter, model, BigDecimal.ZERO).exact());
        assertThat(line.usage().orElseThrow().billed()).isEqualTo(Ratio.ZERO);
    }

    @RepeatedTest(ROUNDS)
    void aPriceForTheThousandOfThousandTimesTheUsageIsThePriceOfOne() {
        Model.OfUsage model = cards.model();
        BigDecimal quantity = BigDecimal.valueOf(cards.random().nextInt(300));
        BigDecimal size = cards.per();
        Meter one = Meter.of(Measure.UNITS);

        assertThat(line(currency, one.per(size), model, quantity.multiply(size)).parts())
                .as("seed %d", seed)
                .isEqualTo(line(currency, one, model, quantity).parts());
    }

    @RepeatedTest(ROUNDS)
    void aChangeToTheSamePlanChangesNothing() {
        RateCard card = card().withDiscount(Percent.parse("12.5")).withMinimum(minimum());
        BigDecimal whole = cards.quantity(BigDecimal.ONE);
        BigDecimal first = new BigDecimal(cards.random().nextLong(whole.longValueExact() + 1));
        long hours = cards.random().nextLong(HOURS + 1);
        Optional<Tax> tax = Optional.of(new Tax("VAT", Percent.parse("19")));
        List<Segment> changed =
                List.of(segment(card, hours, first), segment(card, HOURS - hours, whole.subtract(first)));

        assertThat(Rating.rate(List.of(new Timeline(changed)), HOURS, tax))
                .as("seed %d", seed)
                .isEqualTo(Rating.rate(List.of(new Timeline(List.of(segment(card, HOURS, whole)))), HOURS, tax));
    }

    @RepeatedTest(ROUNDS)
    void carriedTiersAddUpToOnePeriodWhereverItIsCut() {
        Meter meter = Meter.of(Measure.UNITS).per(cards.per());
        meter = meter.including(cards.quantity(meter.per()));
        // By volume the earlier part keeps the price of the tier that it had reached.
        Model.OfUsage model =
                cards.random().nextBoolean() ? new Model.Graduated(cards.tiers()) : new Model.Packages(cards.price());
        RateCard card = RateCard.of(currency, Charge.of("it", meter, model));
        BigDecimal first = cards.quantity(meter.per());
        BigDecimal second = cards.quantity(meter.per());

        RatedPeriod cut = Rating.rate(
                List.of(new Timeline(List.of(
                        segment(card, 100, first),
                        new Segment(new PlanRef("other", 1), card, OnPlanChange.CARRY, 100, units(second))))),
                HOURS,
                Optional.empty());
        assertThat(cut.lines().get(0).exact().plus(cut.lines().get(1).exact()))
                .as("seed %d", seed)
                .isEqualTo(line(currency, meter, model, first.add(second)).exact());
    }

    @RepeatedTest(ROUNDS)
    void linesAddUpToTheTotalAndTheMinimumIsReached() {
        Price minimum = minimum();
        RateCard card = card().withDiscount(
                        new Percent(BigDecimal.valueOf(cards.random().nextInt(10_001), 2)))
                .withMinimum(minimum);
        RatedPeriod period = Rating.rate(
                List.of(new Timeline(List.of(segment(card, HOURS, cards.quantity(BigDecimal.ONE))))),
                HOURS,
                Optional.of(new Tax("VAT", Percent.parse("8.875"))));

        assertThat(period.lines().stream().map(RatedLine::amount).reduce(BigDecimal.ZERO, BigDecimal::add))
                .as("seed %d", seed)
                .isEqualByComparingTo(period.total());
        assertThat(period.net().add(period.tax())).isEqualByComparingTo(period.total());
        assertThat(period.net()).as("seed %d", seed).isGreaterThanOrEqualTo(minimum.value());
    }

    private RateCard card() {
        return RateCard.of(
                currency,
                Charge.flat("base", cards.fee().isZero() ? Price.ZERO : Price.parse("29")),
                Charge.of("first", Meter.of(Measure.UNITS).per(cards.per()), cards.model()),
                Charge.of("second", Meter.of(Measure.UNITS).per(cards.per()), cards.model()));
    }

    private Price minimum() {
        return new Price(BigDecimal.valueOf(cards.random().nextInt(5000)));
    }
}
