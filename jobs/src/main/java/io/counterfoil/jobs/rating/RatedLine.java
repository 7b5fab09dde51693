package io.counterfoil.jobs.rating;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One line of what a period costs.
 *
 * @param plan whose card it is by; empty of adjustments and tax
 * @param place of a charge or a discount: of which timeline's which segment it is
 * @param usage what it bills; of a charge that is no flat fee
 * @param parts of a charge: their amounts' sum is {@code exact}
 * @param exact before rounding
 * @param amount rounded half up to the currency's minor unit; a discount's is below 0
 */
public record RatedLine(
        Kind kind,
        String name,
        Optional<PlanRef> plan,
        Optional<Place> place,
        Optional<BilledUsage> usage,
        List<TierPart> parts,
        Ratio exact,
        BigDecimal amount) {
    /** What a line is, in the order in which they come. */
    public enum Kind {
        CHARGE,
        DISCOUNT,
        MINIMUM,
        ADJUSTMENT,
        /** Of an invoice that takes one back; no period has any. */
        CREDIT,
        TAX;

        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Optional<Kind> named(String text) {
            return Arrays.stream(values())
                    .filter(each -> each.text().equals(text))
                    .findFirst();
        }
    }

    /**
     * Where in what was rated.
     *
     * @param timeline counted from 0
     * @param segment of it, counted from 0, after those that go on with the same version became one
     */
    public record Place(int timeline, int segment) {}

    public RatedLine {
        parts = List.copyOf(parts);
    }
}
