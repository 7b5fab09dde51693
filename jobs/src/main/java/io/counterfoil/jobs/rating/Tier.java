package io.counterfoil.jobs.rating;

import io.counterfoil.sql.OperatorException;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * A range of billed quantity with its price.
 *
 * @param upTo where it ends, in the charge's {@code per}, itself included; empty: never
 * @param unit for each {@code per} in it
 * @param flat once, when the tier is entered
 */
public record Tier(Optional<BigDecimal> upTo, Price unit, Price flat) {
    public Tier {
        upTo = upTo.map(ExactNumber::plain);
    }

    /**
     * Reads where a tier ends.
     *
     * @throws OperatorException category INPUT where the text is no number above 0
     */
    public static BigDecimal end(String text) {
        BigDecimal end = ExactNumber.parse(text);
        if (end.signum() == 0) {
            throw OperatorException.input("up_to is '" + text + "', expected above 0");
        }
        return end;
    }

    /**
     * Those of one charge, as they are.
     *
     * @throws OperatorException category INPUT where they do not follow one another, or do not go on for ever
     */
    static List<Tier> checked(List<Tier> tiers) {
        BigDecimal last = BigDecimal.ZERO;
        for (int i = 0; i < tiers.size(); i++) {
            Optional<BigDecimal> end = tiers.get(i).upTo();
            boolean open = i == tiers.size() - 1;
            if (open != end.isEmpty()) {
                throw OperatorException.input("tier " + (i + 1) + " of " + tiers.size() + " has "
                        + (open ? "'up_to', expected none: the last tier has no end" : "no 'up_to', expected one"));
            }
            if (end.isPresent() && end.get().compareTo(last) <= 0) {
                throw OperatorException.input("up_to of tier " + (i + 1) + " is '"
                        + end.get().toPlainString() + "', expected more than " + last.toPlainString());
            }
            last = end.orElse(last);
        }
        if (tiers.isEmpty()) {
            throw OperatorException.input("there are no tiers, expected at least one");
        }
        return List.copyOf(tiers);
    }

    /** The number of the tier in which a billed quantity lies; 0 lies in the first. */
    static int indexOf(List<Tier> tiers, Ratio quantity) {
        int index = 0;
        while (tiers.get(index).upTo().isPresent()
                && quantity.compareTo(Ratio.of(tiers.get(index).upTo().get())) > 0) {
            index++;
        }
        return index;
    }

    /** Where a tier begins. */
    static BigDecimal startOf(List<Tier> tiers, int index) {
        return index == 0 ? BigDecimal.ZERO : tiers.get(index - 1).upTo().orElseThrow();
    }
}
