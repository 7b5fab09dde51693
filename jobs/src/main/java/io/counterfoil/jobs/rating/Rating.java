package io.counterfoil.jobs.rating;

import io.counterfoil.jobs.rating.RatedLine.Kind;
import io.counterfoil.sql.OperatorException;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an account's period costs: included amount, model, rounding of each line, discount, minimum commitment, tax, in this order. The same
 * input gives the same lines. Every number is exact until its line is rounded, once.
 */
public final class Rating {
    private record Meterpoint(String charge, Measure measure) {}

    private final List<Segment> segments;
    private final long hoursOfPeriod;
    private final int minorUnit;
    private final List<RatedLine> lines = new ArrayList<>();
    /** How much of the measure each charge has counted since its tiers began. */
    private final Map<Meterpoint, BigDecimal> counted = new HashMap<>();

    private Rating(List<Segment> segments, long hoursOfPeriod) {
        this.segments = segments;
        this.hoursOfPeriod = hoursOfPeriod;
        this.minorUnit = segments.get(0).card().currency().getDefaultFractionDigits();
    }

    /**
     * Rates a period.
     *
     * @param segments in order of time, at least one; those of the same version that follow one another are one: a change to the same
     *     plan changes nothing
     * @param hoursOfPeriod all of it, also those in which no plan was in force
     * @throws OperatorException category INPUT where the cards are of several currencies
     */
    public static RatedPeriod rate(List<Segment> segments, long hoursOfPeriod, Optional<Tax> tax) {
        long hours = segments.stream().mapToLong(Segment::hours).reduce(0, Math::addExact);
        if (segments.isEmpty() || hoursOfPeriod <= 0 || hours > hoursOfPeriod) {
            throw new IllegalArgumentException(segments.size() + " segments of " + hours + " hours in a period of "
                    + hoursOfPeriod + ", expected one or more within it");
        }
        RateCard first = segments.get(0).card();
        for (Segment segment : segments) {
            if (!segment.card().currency().equals(first.currency())) {
                throw OperatorException.input("plan " + segment.plan().text() + " is in "
                        + segment.card().currency().getCurrencyCode() + ", expected "
                        + first.currency().getCurrencyCode() + " as the period's first plan "
                        + segments.get(0).plan().text() + ": change the currency at the end of a period");
            }
        }
        return new Rating(merged(segments), hoursOfPeriod).rate(first, tax);
    }

    private static List<Segment> merged(List<Segment> segments) {
        List<Segment> merged = new ArrayList<>();
        for (Segment segment : segments) {
            int last = merged.size() - 1;
            if (last >= 0 && segment.goesOn(merged.get(last))) {
                merged.set(last, merged.get(last).and(segment));
            } else {
                merged.add(segment);
            }
        }
        return merged;
    }

    private RatedPeriod rate(RateCard first, Optional<Tax> tax) {
        for (Segment segment : segments) {
            if (segment.onChange() == OnPlanChange.RESTART) {
                counted.clear();
            }
            BigDecimal sum = BigDecimal.ZERO;
            for (Charge charge : segment.card().charges()) {
                RatedLine line = charge(segment, charge);
                lines.add(line);
                sum = sum.add(line.amount());
            }
            discount(segment, sum);
        }
        minimum();
        tax.ifPresent(this::tax);
        return new RatedPeriod(first.currency(), lines);
    }

    private RatedLine charge(Segment segment, Charge charge) {
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
        return line(Kind.CHARGE, charge.name(), Optional.of(segment.plan()), usage, parts, TierPart.sum(parts));
    }

    /** Of the rounded lines: what is on the page can be added up by anyone. */
    private void discount(Segment segment, BigDecimal sum) {
        Percent percent = segment.card().discount();
        if (!percent.isZero()) {
            lines.add(line(
                    Kind.DISCOUNT,
                    "discount " + percent.text(),
                    Optional.of(segment.plan()),
                    Optional.empty(),
                    List.of(),
                    percent.of(sum).negated()));
        }
    }

    /** One top-up a period, to the sum of each plan's commitment for its hours. */
    private void minimum() {
        Ratio commitment = segments.stream()
                .map(segment -> segment.share(hoursOfPeriod)
                        .times(segment.card().minimum().value()))
                .reduce(Ratio.ZERO, Ratio::plus);
        Ratio missing = commitment.minus(Ratio.of(sum()));
        if (missing.rounded(minorUnit).signum() > 0) {
            lines.add(line(
                    Kind.MINIMUM,
                    "minimum commitment",
                    Optional.of(segments.get(segments.size() - 1).plan()),
                    Optional.empty(),
                    List.of(),
                    missing));
        }
    }

    private void tax(Tax tax) {
        lines.add(line(
                Kind.TAX,
                tax.name() + " " + tax.percent().text(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                tax.percent().of(sum())));
    }

    private BigDecimal sum() {
        return lines.stream().map(RatedLine::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private RatedLine line(
            Kind kind,
            String name,
            Optional<PlanRef> plan,
            Optional<BilledUsage> usage,
            List<TierPart> parts,
            Ratio exact) {
        return new RatedLine(kind, name, plan, usage, parts, exact, exact.rounded(minorUnit));
    }
}
