package io.counterfoil.jobs.rating;

import io.counterfoil.sql.OperatorException;

import java.math.BigDecimal;
import java.util.regex.Pattern;

/** A decimal as people write it. */
final class ExactNumber {
    // Bounded, as 1e999999999 would be a number of a gigabyte once it is written out.
    private static final Pattern TEXT = Pattern.compile("\\d{1,30}(\\.\\d{1,30})?([eE][+-]?\\d{1,2})?");

    private ExactNumber() {}

    /**
     * Exact: {@code 2e9} is 2,000,000,000.
     *
     * @throws OperatorException category INPUT where the text is no number of up to 30 digits on either side of its point
     */
    static BigDecimal parse(String text) {
        if (!TEXT.matcher(text).matches()) {
            throw OperatorException.input("number is '" + text + "', expected digits, as in 1500000, 0.25 or 2e9");
        }
        return plain(new BigDecimal(text));
    }

    /** One form of each number: without zeros at its end, without an exponent. */
    static BigDecimal plain(BigDecimal value) {
        BigDecimal stripped = value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }
}
