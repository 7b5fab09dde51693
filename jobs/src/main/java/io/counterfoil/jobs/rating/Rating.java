package io.counterfoil.jobs.rating;

import io.counterfoil.jobs.rating.RatedLine.Kind;
import io.counterfoil.jobs.rating.RatedLine.Place;
import io.counterfoil.sql.OperatorException;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Currency;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an account's period costs: included amount, model, rounding of each line, discount, minimum commitment, adjustments, tax, in this order. The same
 * input gives the same lines. Every number is exact until its line is rounded, once.
 */
public final class Rating {
    private record Meterpoint(String charge, Measure measure) {}

    private final List<Timeline> timelines;
    private final long hoursOfPeriod;
    private final Currency currency;
    private final List<RatedLine> lines = new ArrayList<>();
    /** How much of the measure each charge of a timeline has counted since its tiers began. */
    private final Map<Meterpoint, BigDecimal> counted = new HashMap<>();

    private Rating(Currency currency, List<Timeline> timelines, long hoursOfPeriod) {
        this.currency = currency;
        this.timelines = timelines;
        this.hoursOfPeriod = hoursOfPeriod;
    }

    /**
     * Rates a period.
     *
     * @param timelines at least one, the account's own subscription first, then those of keys that override it
     * @param hoursOfPeriod all of it, also those in which no plan was in force
     * @throws OperatorException category INPUT where the cards are of several currencies
     */
    public static RatedPeriod rate(List<Timeline> timelines, long hoursOfPeriod, Optional<Tax> tax) {
        if (timelines.isEmpty()) {
            throw new IllegalArgumentException("nothing was in force, expected at least one timeline");
        }
        return rate(timelines.get(0).last().card().currency(), timelines, hoursOfPeriod, List.of(), tax);
    }

    /**
     * Rates a period, and adds what earlier ones are to be adjusted by. Otherwise as {@link #rate(List, long, Optional)}.
     *
     * @param timelines also none, where there are only adjustments
     */
    public static RatedPeriod rate(
            Currency currency,
            List<Timeline> timelines,
            long hoursOfPeriod,
            List<Adjustment> adjustments,
            Optional<Tax> tax) {
        if (hoursOfPeriod <= 0) {
            throw new IllegalArgumentException("a period has " + hoursOfPeriod + " hours, expected one or more");
        }
        for (Timeline timeline : timelines) {
            if (timeline.hours() > hoursOfPeriod) {
                throw new IllegalArgumentException("a timeline of " + timeline.hours() + " hours in a period of "
                        + hoursOfPeriod + ", expected at most as many");
            }
        }
        return new Rating(currency, timelines, hoursOfPeriod).rate(adjustments, tax);
    }

    private RatedPeriod rate(List<Adjustment> adjustments, Optional<Tax> tax) {
        for (int i = 0; i < timelines.size(); i++) {
            counted.clear();
            List<Segment> segments = timelines.get(i).segments();
            for (int j = 0; j < segments.size(); j++) {
                segment(segments.get(j), new Place(i, j));
            }
        }
        minimum();
        for (Adjustment adjustment : adjustments) {
            lines.add(line(Kind.ADJUSTMENT, adjustment.name(), Optional.empty(), Ratio.of(adjustment.amount())));
        }
        tax.ifPresent(this::tax);
        return new RatedPeriod(currency, lines);
    }

    private void segment(Segment segment, Place place) {
        if (!segment.card().currency().equals(currency)) {
            throw OperatorException.input("plan " + segment.plan().text() + " is in "
                    + segment.card().currency().getCurrencyCode() + ", expected " + currency.getCurrencyCode()
                    + ": an account is billed in one currency, which may change at the end of a period");
        }
        if (segment.onChange() == OnPlanChange.RESTART) {
            counted.clear();
        }
        BigDecimal sum = BigDecimal.ZERO;
        for (Charge charge : segment.card().charges()) {
            RatedLine line = charge(segment, place, charge);
            lines.add(line);
            sum = sum.add(line.amount());
        }
        discount(segment, place, sum);
    }

    private RatedLine charge(Segment segment, Place place, Charge charge) {
        Optional<BilledUsage> usage = Optional.empty();
        List<TierPart> parts;
        if (charge.model() instanceof Model.OfUsage model) {
            Meter meter = charge.meter().orElseThrow();
            BigDecimal quantity = segment.usage().counted(meter);
            Meterpoint point = new Meterpoint(charge.name(), meter.measure());
            BigDecimal before = counted.get(point);
            BigDecimal start = before == null ? BigDecimal.ZERO : before;
            counted.put(point, start.add(quantity));
            parts = model.parts(new Span(meter.billed(start), meter.billed(start.add(quantity)), before == null));
            Ratio billed = parts.stream().map(TierPart::quantity).reduce(Ratio.ZERO, Ratio::plus);
            usage = Optional.of(new BilledUsage(meter, quantity, start, billed));
        } else if (charge.model() instanceof Model.Flat flat) {
            parts = flat.parts(segment.share(hoursOfPeriod));
        } else {
            throw new IllegalStateException("no such model: " + charge.model());
        }
        Ratio exact = TierPart.sum(parts);
        return new RatedLine(
                Kind.CHARGE,
                charge.name(),
                Optional.of(segment.plan()),
                Optional.of(place),
                usage,
                parts,
                exact,
                rounded(exact));
    }

    /** Of the rounded lines: what is on the page can be added up by anyone. */
    private void discount(Segment segment, Place place, BigDecimal sum) {
        Percent percent = segment.card().discount();
        if (!percent.isZero()) {
            Ratio exact = percent.of(sum).negated();
            lines.add(new RatedLine(
                    Kind.DISCOUNT,
                    "discount " + percent.text(),
                    Optional.of(segment.plan()),
                    Optional.of(place),
                    Optional.empty(),
                    List.of(),
                    exact,
                    rounded(exact)));
        }
    }

    /** One top-up a period, by the account's own plan, to the sum of each plan's commitment for its hours. */
    private void minimum() {
        Ratio commitment = timelines.stream()
                .flatMap(timeline -> timeline.segments().stream())
                .map(segment -> segment.share(hoursOfPeriod)
                        .times(segment.card().minimum().value()))
                .reduce(Ratio.ZERO, Ratio::plus);
        Ratio missing = commitment.minus(Ratio.of(sum()));
        if (rounded(missing).signum() > 0) {
            lines.add(line(
                    Kind.MINIMUM,
                    "minimum commitment",
                    Optional.of(timelines.get(0).last().plan()),
                    missing));
        }
    }

    private void tax(Tax tax) {
        lines.add(line(
                Kind.TAX,
                tax.name() + " " + tax.percent().text(),
                Optional.empty(),
                tax.percent().of(sum())));
    }

    private BigDecimal sum() {
        return lines.stream().map(RatedLine::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private RatedLine line(Kind kind, String name, Optional<PlanRef> plan, Ratio exact) {
        return new RatedLine(kind, name, plan, Optional.empty(), Optional.empty(), List.of(), exact, rounded(exact));
    }

    private BigDecimal rounded(Ratio exact) {
        return exact.rounded(currency.getDefaultFractionDigits());
    }
}
