package io.counterfoil.schedules.cli;

import io.counterfoil.sql.OperatorException;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times on the command line. */
final class Times {
    private static final int DATE_CHARACTERS = 10;
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})([smhd])");
    private static final Map<String, ChronoUnit> UNITS =
            Map.of("s", ChronoUnit.SECONDS, "m", ChronoUnit.MINUTES, "h", ChronoUnit.HOURS, "d", ChronoUnit.DAYS);

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

    /** How long: {@code 24h}, {@code 7d}, or ISO 8601 ({@code PT90M}); not negative. */
    static Duration duration(String option, String text) {
        Matcher matcher = DURATION.matcher(text);
        try {
            Duration duration = matcher.matches()
                    ? Duration.of(Long.parseLong(matcher.group(1)), UNITS.get(matcher.group(2)))
                    : Duration.parse(text);
            if (!duration.isNegative()) {
                return duration;
            }
        } catch (DateTimeException | ArithmeticException e) {
            // Told below.
        }
        throw OperatorException.input(option + " is '" + text + "', expected how long, as 90s, 15m, 24h or 7d");
    }

    /** When something ends: a time, a date, how long from now, {@code now}; empty for {@code never}. */
    static Optional<Instant> end(String option, String text, Instant now) {
        if (text.equals("never")) {
            return Optional.empty();
        }
        if (text.equals("now")) {
            return Optional.of(now);
        }
        boolean howLong = DURATION.matcher(text).matches() || text.startsWith("P");
        return Optional.of(howLong ? now.plus(duration(option, text)) : instant(option, text));
    }
}
