package io.counterfoil.jobs.rating;

import io.counterfoil.sql.OperatorException;

import java.util.Optional;

/**
 * A line of a rate card.
 *
 * @param name unique on its card; on a change of plan tiers go on from the charge of the same name
 * @param meter what it counts; empty of a flat fee, and of that alone
 */
public record Charge(String name, Optional<Meter> meter, Model model) {
    /** @throws OperatorException category INPUT where the name is none, or the model does not go with the meter */
    public Charge {
        if (name.isBlank() || name.length() > 64 || name.chars().anyMatch(Character::isISOControl)) {
            throw OperatorException.input("a charge's name is '" + name + "', expected 1 to 64 printable characters");
        }
        if (meter.isPresent() == model instanceof Model.Flat) {
            throw OperatorException.input("charge '" + name + "' is " + model.text()
                    + (meter.isPresent()
                            ? " with a measure, expected none: a flat fee counts nothing"
                            : " without a measure, expected requests, units or bytes_out"));
        }
    }

    public static Charge flat(String name, Price fee) {
        return new Charge(name, Optional.empty(), new Model.Flat(fee));
    }

    public static Charge of(String name, Meter meter, Model.OfUsage model) {
        return new Charge(name, Optional.of(meter), model);
    }
}
