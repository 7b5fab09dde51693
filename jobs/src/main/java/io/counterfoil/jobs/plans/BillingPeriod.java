package io.counterfoil.jobs.plans;

import io.counterfoil.sql.OperatorException;

import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * When a plan's periods begin: at midnight of the account's zone, or where a day begins later, then. Quarters begin in January, April, July
 * and October, years in January.
 *
 * @param anchorDay of the month, 1 to 31; in months without that day, the last one
 */
public record BillingPeriod(Interval interval, int anchorDay) {
    /** How long a period is. */
    public enum Interval {
        MONTHLY(1),
        QUARTERLY(3),
        YEARLY(12);

        private final int months;
        private final String text = name().toLowerCase(Locale.ROOT);

        Interval(int months) {
            this.months = months;
        }

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

    /**
     * The period that begins in a month of that zone.
     *
     * @return empty where none does: a quarter or a year does not begin in every month
     * @throws OperatorException category INPUT where it does not begin or end on a UTC hour
     */
    public Optional<Period> beginningIn(YearMonth month, ZoneId zone) {
        return (month.getMonthValue() - 1) % interval.months == 0
                ? Optional.of(new Period(beginning(month, zone), beginning(month.plusMonths(interval.months), zone)))
                : Optional.empty();
    }

    private Instant beginning(YearMonth month, ZoneId zone) {
        Instant beginning = month.atDay(Math.min(anchorDay, month.lengthOfMonth()))
                .atStartOfDay(zone)
                .toInstant();
        if (beginning.getEpochSecond() % 3600 != 0) {
            throw OperatorException.input("time zone is " + zone + ", where a period begins at " + beginning
                    + ", expected a zone whose days begin on a UTC hour");
        }
        return beginning;
    }
}
