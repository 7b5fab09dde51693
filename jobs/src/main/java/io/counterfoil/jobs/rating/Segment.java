package io.counterfoil.jobs.rating;

import java.math.BigDecimal;

/**
 * The hours of a period in which one version of a plan was in force, one after another, and what was used in them.
 *
 * @param onChange what the plan says of tiers when it comes into force; nothing in a period's first segment
 * @param hours how many, 0 or more
 */
public record Segment(PlanRef plan, RateCard card, OnPlanChange onChange, long hours, Usage usage) {
    public Segment {
        if (hours < 0) {
            throw new IllegalArgumentException("a segment has " + hours + " hours, expected 0 or more");
        }
    }

    /** The share of a period. */
    Ratio share(long hoursOfPeriod) {
        return Ratio.of(BigDecimal.valueOf(hours)).dividedBy(Ratio.of(hoursOfPeriod));
    }

    boolean goesOn(Segment before) {
        return plan.equals(before.plan) && card.equals(before.card);
    }

    Segment and(Segment next) {
        return new Segment(plan, card, onChange, hours + next.hours, usage.plus(next.usage));
    }
}
