package io.counterfoil.jobs.plans;

import io.counterfoil.sql.OperatorException;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * When a plan's periods begin.
 *
 * @param anchorDay of the month, 1 to 31; in months without that day, the last one
 */
public record BillingPeriod(Interval interval, int anchorDay) {
    /** How long a period is. */
    public enum Interval {
        MONTHLY,
        QUARTERLY,
        YEARLY;

        private final String text = name().toLowerCase(Locale.ROOT);

        public String text() {
            return text;
        }

        public static Optional<Interval> named(String text) {
            return Arrays.stream(values())
                    .filter(each -> each.text.equals(text))
                    .findFirst();
        }
    }

    /** @throws OperatorException category INPUT where there is no such day */
    public BillingPeriod {
        if (anchorDay < 1 || anchorDay > 31) {
            throw OperatorException.input("anchor_day is '" + anchorDay + "', expected 1 to 31");
        }
    }
}
