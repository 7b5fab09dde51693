package io.counterfoil.jobs.rating;

import io.counterfoil.sql.OperatorException;

import java.util.Currency;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a version of a plan costs. Never edited once it was used.
 *
 * @param minimum commitment for a whole period, after the discount; 0 for none
 * @param discount of the charges' lines
 */
public record RateCard(Currency currency, List<Charge> charges, Price minimum, Percent discount) {
    /** @throws OperatorException category INPUT where two charges have one name, or a value is out of its range */
    public RateCard {
        charges = List.copyOf(charges);
        if (currency.getDefaultFractionDigits() < 0) {
            throw OperatorException.input("currency is '" + currency.getCurrencyCode()
                    + "', expected one that has a minor unit, as in EUR or JPY");
        }
        if (minimum.value().scale() > currency.getDefaultFractionDigits()) {
            throw OperatorException.input("minimum is '" + minimum.text() + "', expected at most "
                    + currency.getDefaultFractionDigits() + " decimals: it is an amount of "
                    + currency.getCurrencyCode());
        }
        Set<String> names = new HashSet<>();
        for (Charge charge : charges) {
            if (!names.add(charge.name())) {
                throw OperatorException.input("charge '" + charge.name() + "' is there twice, expected once");
            }
        }
    }

    /** Without a minimum or a discount. */
    public static RateCard of(Currency currency, Charge... charges) {
        return new RateCard(currency, List.of(charges), Price.ZERO, Percent.ZERO);
    }

    public RateCard withMinimum(Price commitment) {
        return new RateCard(currency, charges, commitment, discount);
    }

    public RateCard withDiscount(Percent percent) {
        return new RateCard(currency, charges, minimum, percent);
    }
}
