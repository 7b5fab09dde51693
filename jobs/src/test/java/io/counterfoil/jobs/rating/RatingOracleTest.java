package io.counterfoil.jobs.rating;

import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Currency;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

import static org.assertj.core.api.Assertions.assertThat;

/** Lines are held against two counts that share no code with the rating: one unit after another, and numeric in Postgres. */
final class RatingOracleTest {
    private static final Currency EUR = Currency.getInstance("EUR");
    private static final long MICROS_PER_CENT = 10_000;

    private final long seed = new Random().nextLong();
    private final RandomCards cards = new RandomCards(new Random(seed));

    /** A tier of the naive count, money in millionths. */
    private record NaiveTier(long upTo, long unitMicros, long flatMicros) {}

    private List<NaiveTier> naiveTiers() {
        List<NaiveTier> tiers = new ArrayList<>();
        long end = 0;
        for (int i = cards.random().nextInt(4); i > 0; i--) {
            end += cards.random().nextInt(1, 60);
            tiers.add(new NaiveTier(
                    end, cards.random().nextInt(3_000_000), cards.random().nextInt(5_000_000)));
        }
        tiers.add(new NaiveTier(
                Long.MAX_VALUE,
                cards.random().nextInt(3_000_000),
                cards.random().nextInt(5_000_000)));
        return tiers;
    }

    private static List<Tier> tiers(List<NaiveTier> naive) {
        return naive.stream()
                .map(tier -> new Tier(
                        tier.upTo() == Long.MAX_VALUE ? Optional.empty() : Optional.of(BigDecimal.valueOf(tier.upTo())),
                        new Price(BigDecimal.valueOf(tier.unitMicros(), 6)),
                        new Price(BigDecimal.valueOf(tier.flatMicros(), 6))))
                .toList();
    }

    @RepeatedTest(100)
    void graduatedTiersAreWhatCountingEachUnitGives() {
        List<NaiveTier> naive = naiveTiers();
        int used = cards.random().nextInt(300);
        int included = cards.random().nextInt(100);
        long micros = naive.get(0).flatMicros();
        int tier = 0;
        for (long unit = 1; unit <= used - included; unit++) {
            if (unit > naive.get(tier).upTo()) {
                tier++;
                micros += naive.get(tier).flatMicros();
            }
            micros += naive.get(tier).unitMicros();
        }

        assertLine(new Model.Graduated(tiers(naive)), used, included, micros);
    }

    @RepeatedTest(100)
    void volumeIsWhatCountingEachUnitGives() {
        List<NaiveTier> naive = naiveTiers();
        int used = cards.random().nextInt(300);
        int included = cards.random().nextInt(100);
        int billed = Math.max(0, used - included);
        NaiveTier reached =
                naive.stream().filter(tier -> billed <= tier.upTo()).findFirst().orElseThrow();
        long micros = reached.flatMicros();
        for (int unit = 0; unit < billed; unit++) {
            micros += reached.unitMicros();
        }

        assertLine(new Model.Volume(tiers(naive)), used, included, micros);
    }

    private void assertLine(Model.OfUsage model, int used, int included, long micros) {
        RatedLine line = RandomCards.line(
                EUR, Meter.of(Measure.UNITS).including(BigDecimal.valueOf(included)), model, BigDecimal.valueOf(used));
        assertThat(line.exact()).as("seed %d", seed).isEqualTo(Ratio.of(BigDecimal.valueOf(micros, 6)));
        assertThat(line.amount().unscaledValue().longValueExact())
                .as("seed %d", seed)
                .isEqualTo((micros + MICROS_PER_CENT / 2) / MICROS_PER_CENT);
    }

    @RepeatedTest(100)
    void packagesAreWhatHandingThemOutGives() {
        int size = cards.random().nextInt(1, 50);
        int used = cards.random().nextInt(500);
        int included = cards.random().nextInt(100);
        long cents = cards.random().nextInt(10_000);
        long owed = 0;
        for (int left = used - included; left > 0; left -= size) {
            owed += cents;
        }

        RatedLine line = RandomCards.line(
                EUR,
                Meter.of(Measure.UNITS).per(BigDecimal.valueOf(size)).including(BigDecimal.valueOf(included)),
                new Model.Packages(new Price(BigDecimal.valueOf(cents, 2))),
                BigDecimal.valueOf(used));
        assertThat(line.amount().unscaledValue().longValueExact())
                .as("seed %d", seed)
                .isEqualTo(owed);
    }

    /**
     * Any size of {@code per}, up to 12 decimals, bytes beyond 2^63. Nothing is divided before it is rounded, and then by
     * {@code div}: numeric's own division ends after some digits.
     */
    @Test
    void linesAreWhatPostgresGives() {
        Jdbi jdbi = TestDatabase.withoutTables().jdbi();
        for (int round = 0; round < 300; round++) {
            List<Tier> tiers = cards.tiers();
            boolean volume = cards.random().nextBoolean();
            Meter meter = Meter.of(Measure.UNITS).per(cards.per());
            meter = meter.including(cards.quantity(meter.per()));
            BigDecimal used = round % 10 == 0
                    ? new BigDecimal("18446744073709551616").add(cards.quantity(meter.per()))
                    : cards.quantity(meter.per());
            Currency currency = cards.currency();
            RatedLine line = RandomCards.line(
                    currency, meter, volume ? new Model.Volume(tiers) : new Model.Graduated(tiers), used);

            assertThat(line.amount())
                    .as("seed %d, round %d: %s of %s", seed, round, used, tiers)
                    .isEqualByComparingTo(
                            postgres(jdbi, tiers, volume, meter, used, currency.getDefaultFractionDigits()));
        }
    }

    private static BigDecimal postgres(
            Jdbi jdbi, List<Tier> tiers, boolean volume, Meter meter, BigDecimal used, int digits) {
        BigDecimal[] starts = IntStream.range(0, tiers.size())
                .mapToObj(
                        i -> i == 0 ? BigDecimal.ZERO : tiers.get(i - 1).upTo().orElseThrow())
                .toArray(BigDecimal[]::new);
        return jdbi.withHandle(handle -> handle.createQuery("""
                        with tier as (
                          select start * :per as start, lead(start) over (order by start) * :per as stop, unit, flat, start = 0 as is_first
                          from unnest(cast(:starts as numeric[]), cast(:units as numeric[]), cast(:flats as numeric[])) as t (start, unit, flat)
                        ), usage as (
                          select greatest(:used - :included, 0) as billed
                        ), amount as (
                          -- times per, so that nothing is divided
                          select sum(
                            case when cast(:volume as boolean) then billed else least(billed, coalesce(stop, billed)) - start end * unit
                            + flat * :per) as times_per
                          from tier, usage
                          where (billed > start or is_first)
                            and (not cast(:volume as boolean) or billed <= coalesce(stop, billed))
                        )
                        select div(2 * times_per * power(10::numeric, :digits) + :per, 2 * :per) * power(10::numeric, -:digits) from amount
                        """)
                .bind("starts", array(List.of(starts)))
                .bind(
                        "units",
                        array(tiers.stream().map(tier -> tier.unit().value()).toList()))
                .bind(
                        "flats",
                        array(tiers.stream().map(tier -> tier.flat().value()).toList()))
                .bind("used", used)
                .bind("included", meter.included())
                .bind("per", meter.per())
                .bind("volume", volume)
                .bind("digits", digits)
                .mapTo(BigDecimal.class)
                .one());
    }

    private static String array(List<BigDecimal> values) {
        return "{"
                + String.join(
                        ",", values.stream().map(BigDecimal::toPlainString).toList()) + "}";
    }
}
