package io.counterfoil.jobs.rating;

import io.counterfoil.jobs.rating.RatedLine.Kind;
import io.counterfoil.sql.OperatorException;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.util.Currency;
import java.util.List;
import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

/** The choices that the README lists. */
final class RatingTest {
    private static final Currency EUR = Currency.getInstance("EUR");
    private static final PlanRef SMALL = new PlanRef("small", 1);
    private static final PlanRef LARGE = new PlanRef("large", 3);
    private static final Usage NONE = Usage.NONE;

    @Test
    void linesComeInTheirOrderEachOfWhatStandsAboveIt() {
        RateCard card = RateCard.of(EUR, Charge.flat("base", Price.parse("10")), perUnit("calls", "0.005"))
                .withDiscount(Percent.parse("10"))
                .withMinimum(Price.parse("20"));

        RatedPeriod period = Rating.rate(
                List.of(new Timeline(List.of(new Segment(SMALL, card, OnPlanChange.CARRY, 720, requests(333))))),
                720,
                Optional.of(new Tax("VAT", Percent.parse("19"))));

        assertThat(period.lines())
                .extracting(
                        RatedLine::kind,
                        RatedLine::name,
                        line -> line.exact().text(),
                        line -> line.amount().toPlainString())
                .containsExactly(
                        row(Kind.CHARGE, "base", "10", "10.00"),
                        row(Kind.CHARGE, "calls", "1.665", "1.67"),
                        // Of the rounded lines: 11.67, not 11.665.
                        row(Kind.DISCOUNT, "discount 10 %", "-1.167", "-1.17"),
                        row(Kind.MINIMUM, "minimum commitment", "9.5", "9.50"),
                        row(Kind.TAX, "VAT 19 %", "3.8", "3.80"));
        assertThat(period.net()).isEqualTo("20.00");
        assertThat(period.tax()).isEqualTo("3.80");
        assertThat(period.total()).isEqualTo("23.80");
    }

    @Test
    void halfAMinorUnitIsRoundedUpByTheCurrencysDigits() {
        assertThat(amount("JPY", "0.5", 1)).isEqualTo("1");
        assertThat(amount("JPY", "0.49", 1)).isEqualTo("0");
        assertThat(amount("EUR", "0.005", 1)).isEqualTo("0.01");
        assertThat(amount("EUR", "0.004999999999", 1)).isEqualTo("0.00");
        assertThat(amount("KWD", "0.0005", 3)).isEqualTo("0.002");
    }

    @Test
    void bytesBeyondWhatADoubleHoldsAreExact() {
        BigDecimal bytes = new BigDecimal("9007199254740993");
        RateCard card = RateCard.of(
                EUR, Charge.of("bytes", Meter.of(Measure.BYTES_OUT), new Model.PerUnit(Price.parse("0.01"))));

        assertThat(Rating.rate(
                                List.of(new Timeline(List.of(new Segment(
                                        SMALL, card, OnPlanChange.CARRY, 1, Usage.of("-", Measure.BYTES_OUT, bytes))))),
                                1,
                                Optional.empty())
                        .total())
                .isEqualTo("90071992547409.93");
    }

    @Test
    void aChargeCountsTheRoutesItNames() {
        Usage usage = Usage.of("search.text", Measure.REQUESTS, BigDecimal.valueOf(5))
                .plus(Usage.of("search.free", Measure.REQUESTS, BigDecimal.valueOf(7)))
                .plus(Usage.of("items", Measure.REQUESTS, BigDecimal.valueOf(11)))
                .plus(Usage.of("-", Measure.REQUESTS, BigDecimal.valueOf(13)))
                .plus(Usage.of("items", Measure.UNITS, BigDecimal.valueOf(17)));

        assertThat(usage.counted(Meter.of(Measure.REQUESTS))).isEqualTo("36");
        assertThat(usage.counted(Meter.of(Measure.UNITS))).isEqualTo("17");
        assertThat(counted(usage, new Routes(List.of("search.*"), List.of("search.free"))))
                .isEqualTo("5");
        assertThat(counted(usage, new Routes(List.of("items"), List.of()))).isEqualTo("11");
        assertThat(counted(usage, new Routes(List.of(), List.of("search.*")))).isEqualTo("24");
    }

    private static BigDecimal counted(Usage usage, Routes routes) {
        return usage.counted(Meter.of(Measure.REQUESTS).onlyOf(routes));
    }

    @Test
    void flatFeesAndMinimaGoByTheHoursOfTheirPlan() {
        RateCard small =
                RateCard.of(EUR, Charge.flat("base", Price.parse("10"))).withMinimum(Price.parse("30"));
        RateCard large =
                RateCard.of(EUR, Charge.flat("base", Price.parse("100"))).withMinimum(Price.parse("90"));

        RatedPeriod period = Rating.rate(
                List.of(new Timeline(List.of(
                        new Segment(SMALL, small, OnPlanChange.CARRY, 200, NONE),
                        new Segment(LARGE, large, OnPlanChange.CARRY, 100, NONE)))),
                720,
                Optional.empty());

        // 10 × 200/720, 100 × 100/720; the commitment is 30 × 200/720 + 90 × 100/720 = 20.8333…
        assertThat(period.lines())
                .extracting(RatedLine::name, line -> line.amount().toPlainString())
                .containsExactly(row("base", "2.78"), row("base", "13.89"), row("minimum commitment", "4.16"));
        assertThat(period.lines().get(0).exact().text()).isEqualTo("2.7777777777777778…");
        assertThat(period.lines().get(0).parts())
                .hasSize(1)
                .first()
                .satisfies(part ->
                        assertThat(part.quantity()).isEqualTo(Ratio.of(200).dividedBy(Ratio.of(720))));
    }

    @Test
    void aPlanThatCarriesGoesOnInTheTierThatWasReached() {
        assertThat(afterAChange(OnPlanChange.CARRY)).containsExactly("0–100: 50 × 1 + 0", "100–: 30 × 0.5 + 7");
        assertThat(afterAChange(OnPlanChange.RESTART)).containsExactly("0–100: 80 × 1 + 3");
    }

    /** 50 of 100 in the first tier were used before, then 80. */
    private static List<String> afterAChange(OnPlanChange onChange) {
        RateCard card = RateCard.of(
                EUR,
                Charge.of(
                        "calls",
                        Meter.of(Measure.REQUESTS),
                        new Model.Graduated(List.of(
                                new Tier(Optional.of(BigDecimal.valueOf(100)), Price.parse("1"), Price.parse("3")),
                                new Tier(Optional.empty(), Price.parse("0.5"), Price.parse("7"))))));
        RatedPeriod period = Rating.rate(
                List.of(new Timeline(List.of(
                        new Segment(SMALL, card, OnPlanChange.CARRY, 1, requests(50)),
                        new Segment(LARGE, card, onChange, 1, requests(80))))),
                2,
                Optional.empty());
        RatedLine line = period.lines().get(1);
        assertThat(line.usage().orElseThrow().before())
                .isEqualByComparingTo(onChange == OnPlanChange.CARRY ? "50" : "0");
        return line.parts().stream()
                .map(part -> part.from() + "–"
                        + part.to().map(BigDecimal::toPlainString).orElse("") + ": "
                        + part.quantity().text() + " × " + part.unit().text() + " + "
                        + part.flat().text())
                .toList();
    }

    @Test
    void aChargeThatIsNewWithThePlanBeginsAnew() {
        RateCard free = RateCard.of(EUR, perUnit("old", "0"));
        RateCard paid = RateCard.of(
                EUR,
                Charge.of(
                        "new",
                        Meter.of(Measure.REQUESTS),
                        new Model.Graduated(List.of(new Tier(Optional.empty(), Price.ZERO, Price.parse("5"))))));

        assertThat(Rating.rate(
                                List.of(new Timeline(List.of(
                                        new Segment(SMALL, free, OnPlanChange.CARRY, 1, requests(50)),
                                        new Segment(LARGE, paid, OnPlanChange.CARRY, 1, NONE)))),
                                2,
                                Optional.empty())
                        .total())
                .isEqualTo("5.00");
    }

    @Test
    void keysThatOverrideThePlanHaveTheirOwnTiersAndTheAccountOneMinimum() {
        Meter meter = Meter.of(Measure.REQUESTS).including(BigDecimal.valueOf(100));
        RateCard card = RateCard.of(EUR, Charge.of("calls", meter, new Model.PerUnit(Price.parse("1"))))
                .withMinimum(Price.parse("30"));

        RatedPeriod period = Rating.rate(
                List.of(
                        Timeline.of(new Segment(SMALL, card, OnPlanChange.CARRY, 720, requests(120))),
                        Timeline.of(new Segment(LARGE, card, OnPlanChange.CARRY, 360, requests(105)))),
                720,
                Optional.of(new Tax("VAT", Percent.parse("10"))));

        assertThat(period.lines())
                .extracting(
                        RatedLine::name,
                        line -> line.plan().map(PlanRef::text).orElse(""),
                        line -> line.amount().toPlainString())
                .containsExactly(
                        row("calls", "small v1", "20.00"),
                        row("calls", "large v3", "5.00"),
                        // 30 and half of 30 are committed.
                        row("minimum commitment", "small v1", "20.00"),
                        row("VAT 10 %", "", "4.50"));
    }

    @Test
    void aPeriodHasOneCurrency() {
        RateCard euro = RateCard.of(EUR, perUnit("calls", "1"));
        RateCard yen = RateCard.of(Currency.getInstance("JPY"), perUnit("calls", "1"));

        assertThatThrownBy(() -> Rating.rate(
                        List.of(new Timeline(List.of(
                                new Segment(SMALL, euro, OnPlanChange.CARRY, 1, NONE),
                                new Segment(LARGE, yen, OnPlanChange.CARRY, 1, NONE)))),
                        2,
                        Optional.empty()))
                .isInstanceOf(OperatorException.class)
                .hasMessageStartingWith("plan small v1 is in EUR, expected JPY: an account is billed in one currency");
    }

    @Test
    void amountsAreReadExactly() {
        assertThat(Measure.REQUESTS.amount("2e9")).isEqualTo("2000000000");
        assertThat(Measure.BYTES_OUT.amount("50GiB")).isEqualTo("53687091200");
        assertThat(Measure.BYTES_OUT.amount("GiB")).isEqualTo("1073741824");
        assertThat(Measure.BYTES_OUT.amount("1.5 TB")).isEqualTo("1500000000000");
        assertThat(Measure.BYTES_OUT.amount("9007199254740993")).isEqualTo("9007199254740993");
        for (String wrong : List.of("", "1.5", "-1", "1e999999999", "1GiB", "1,000", "0x10", "1e-1")) {
            assertThatThrownBy(() -> Measure.REQUESTS.amount(wrong))
                    .as(wrong)
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("expected");
        }
        assertThatThrownBy(() -> Measure.BYTES_OUT.amount("0.3B")).isInstanceOf(OperatorException.class);
    }

    private static String amount(String currency, String unit, long used) {
        RateCard card = RateCard.of(Currency.getInstance(currency), perUnit("calls", unit));
        return Rating.rate(
                        List.of(new Timeline(List.of(new Segment(SMALL, card, OnPlanChange.CARRY, 1, requests(used))))),
                        1,
                        Optional.empty())
                .total()
                .toPlainString();
    }

    private static Charge perUnit(String name, String unit) {
        return Charge.of(name, Meter.of(Measure.REQUESTS), new Model.PerUnit(Price.parse(unit)));
    }

    private static Usage requests(long used) {
        return Usage.of("-", Measure.REQUESTS, BigDecimal.valueOf(used));
    }

    private static Tuple row(Object... values) {
        return tuple(values);
    }
}
