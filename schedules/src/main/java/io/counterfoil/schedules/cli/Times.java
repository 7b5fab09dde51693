package io.counterfoil.schedules.cli;

import io.counterfoil.sql.OperatorException;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** Times on the command line. */
final class Times {
    private static final int DATE_CHARACTERS = 10;

    private Times() {}

    /** A time with its offset, or a date, which is its midnight in UTC. */
    static Instant instant(String option, String text) {
        try {
            return text.length() == DATE_CHARACTERS
                    ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw OperatorException.input(
                    option + " is '" + text + "', expected a time as 2016-02-20T05:00:00Z or a date as 2016-02-20");
        }
    }
}
