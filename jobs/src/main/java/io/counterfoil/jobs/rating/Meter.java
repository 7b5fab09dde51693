package io.counterfoil.jobs.rating;

import io.counterfoil.sql.OperatorException;

import java.math.BigDecimal;

/**
 * What a charge counts.
 *
 * @param per how many of the measure a price is for, as 1000 requests or the 1073741824 bytes of a GiB; above 0. A package's size
 * @param routes whose usage counts
 * @param included how many of the measure a period has without a price; the rest is what the model prices
 */
public record Meter(Measure measure, BigDecimal per, Routes routes, BigDecimal included) {
    /** @throws OperatorException category INPUT where per is not above 0 or included is below it */
    public Meter {
        per = ExactNumber.plain(per);
        included = ExactNumber.plain(included);
        if (per.signum() <= 0) {
            throw OperatorException.input("per is '" + per.toPlainString() + "', expected above 0, as in 1000 or GiB");
        }
        if (included.signum() < 0) {
            throw OperatorException.input("included is '" + included.toPlainString() + "', expected 0 or more");
        }
    }

    /** Of all routes, each at its price, none included. */
    public static Meter of(Measure measure) {
        return new Meter(measure, BigDecimal.ONE, Routes.ALL, BigDecimal.ZERO);
    }

    public Meter per(BigDecimal size) {
        return new Meter(measure, size, routes, included);
    }

    public Meter including(BigDecimal amount) {
        return new Meter(measure, per, routes, amount);
    }

    public Meter onlyOf(Routes these) {
        return new Meter(measure, per, these, included);
    }

    /** What is billed once that much of the measure was used, in {@code per}. */
    Ratio billed(BigDecimal used) {
        return Ratio.of(used.subtract(included).max(BigDecimal.ZERO)).dividedBy(Ratio.of(per));
    }
}
