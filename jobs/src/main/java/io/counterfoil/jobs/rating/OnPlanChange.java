package io.counterfoil.jobs.rating;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where the included amounts and tiers of a plan begin that comes into force within a period. */
public enum OnPlanChange {
    /** Where the charge of the same name stood: nobody has included amounts, or enters a tier, twice in a period. */
    CARRY,
    /** At zero. */
    RESTART;

    private final String text = name().toLowerCase(Locale.ROOT);

    public String text() {
        return text;
    }

    public static Optional<OnPlanChange> named(String text) {
        return Arrays.stream(values()).filter(each -> each.text.equals(text)).findFirst();
    }
}
