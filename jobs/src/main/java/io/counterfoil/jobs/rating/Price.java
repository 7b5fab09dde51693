package io.counterfoil.jobs.rating;

import io.counterfoil.sql.OperatorException;

import java.math.BigDecimal;

/**
 * A price or a fee in major units of its card's currency, at least 0, with up to 12 decimals. Equal prices are equal records, however they
 * were written.
 */
public record Price(BigDecimal value) {
    public static final Price ZERO = new Price(BigDecimal.ZERO);
    public static final int MAX_DECIMALS = 12;

    private static final int MAX_DIGITS = 15;

    /** @throws OperatorException category INPUT where it is below 0, or has more decimals */
    public Price {
        value = ExactNumber.plain(value);
        if (value.signum() < 0 || value.scale() > MAX_DECIMALS || value.precision() - value.scale() > MAX_DIGITS) {
            throw OperatorException.input("price is '" + value.toPlainString()
                    + "', expected 0 or more with up to 12 decimals and up to 15 digits before them, as in 0.0004");
        }
    }

    /** @throws OperatorException category INPUT where the text is no such price */
    public static Price parse(String text) {
        return new Price(ExactNumber.parse(text));
    }

    public boolean isZero() {
        return value.signum() == 0;
    }

    /** As people write it. */
    public String text() {
        return value.toPlainString();
    }
}
