package io.counterfoil.jobs.rating;

import java.math.BigDecimal;
import java.util.Optional;

/**
 * A part of a line: what lies in one tier. A line of one price is one part from 0 on; a flat fee is one part whose quantity is the share of
 * the period in which its plan was in force.
 *
 * @param from where the tier begins, itself excluded, in the charge's {@code per}
 * @param to where it ends, itself included
 * @param quantity in {@code per}; of packages, how many were started
 * @param unit the price of one
 * @param flat the tier's fee, 0 where it was entered before
 */
public record TierPart(BigDecimal from, Optional<BigDecimal> to, Ratio quantity, Price unit, Price flat) {
    /** Exact: quantity × unit + flat. */
    public Ratio amount() {
        return quantity.times(unit.value()).plus(Ratio.of(flat.value()));
    }

    static TierPart single(Ratio quantity, Price unit) {
        return new TierPart(BigDecimal.ZERO, Optional.empty(), quantity, unit, Price.ZERO);
    }

    static Ratio sum(Iterable<TierPart> parts) {
        Ratio sum = Ratio.ZERO;
        for (TierPart part : parts) {
            sum = sum.plus(part.amount());
        }
        return sum;
    }
}
