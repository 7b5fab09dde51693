package io.counterfoil.jobs.rating;

import io.counterfoil.sql.OperatorException;

import java.math.BigDecimal;

/**
 * An account's one tax line.
 *
 * @param name as the invoice shows it, for example VAT
 * @param percent of the net sum, 0 to 100
 */
public record Tax(String name, BigDecimal percent) {
    /** @throws OperatorException category INPUT where percent is out of its range */
    public Tax {
        percent = RateCard.percent("tax", percent);
    }

    /** @throws OperatorException category INPUT where percent is no number from 0 to 100 */
    public static Tax parse(String name, String percent) {
        return new Tax(name, ExactNumber.parse(percent));
    }
}
