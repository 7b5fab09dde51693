package io.counterfoil.jobs.rating;

import io.counterfoil.sql.OperatorException;

import java.math.BigDecimal;

/** A share from 0 to 100 percent, with up to 4 decimals. */
public record Percent(BigDecimal value) {
    public static final Percent ZERO = new Percent(BigDecimal.ZERO);

    /** @throws OperatorException category INPUT where it is out of its range */
    public Percent {
        value = ExactNumber.plain(value);
        if (value.signum() < 0 || value.compareTo(BigDecimal.valueOf(100)) > 0 || value.scale() > 4) {
            throw OperatorException.input(
                    "percent is '" + value.toPlainString() + "', expected 0 to 100 with up to 4 decimals");
        }
    }

    /** @throws OperatorException category INPUT where the text is no number from 0 to 100 */
    public static Percent parse(String text) {
        return new Percent(ExactNumber.parse(text));
    }

    public boolean isZero() {
        return value.signum() == 0;
    }

    /** For people: {@code 12.5 %}. */
    public String text() {
        return value.toPlainString() + " %";
    }

    /** That share of an amount, exact. */
    public Ratio of(BigDecimal amount) {
        return Ratio.of(amount.multiply(value).movePointLeft(2));
    }
}
