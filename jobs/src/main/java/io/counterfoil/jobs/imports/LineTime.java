package io.counterfoil.jobs.imports;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Reads the times that logs write: Common Log Format, ISO 8601 with an offset, Unix seconds with or without a fraction, and Unix
 * milliseconds, microseconds and nanoseconds, which 13, 16 and 19 digits tell apart until the year 2286.
 */
final class LineTime {
    private static final DateTimeFormatter COMMON = DateTimeFormatter.ofPattern(
                    "dd/MMM/uuuu:HH:mm:ss Z", Locale.ENGLISH)
            .withResolverStyle(ResolverStyle.STRICT);
    private static final Pattern SECONDS = Pattern.compile("\\d{1,11}(\\.\\d{1,40})?");
    private static final Pattern FINER = Pattern.compile("[1-9](\\d{12}|\\d{15}|\\d{18})");
    private static final BigDecimal MICROS = BigDecimal.valueOf(1_000_000);

    private LineTime() {}

    /** In UTC microseconds. */
    static long common(String text) throws MalformedLineException {
        return micros(text, COMMON);
    }

    /** Whichever of them the text is. */
    static long any(String text) throws MalformedLineException {
        if (SECONDS.matcher(text).matches()) {
            return new BigDecimal(text).multiply(MICROS).longValue();
        }
        if (FINER.matcher(text).matches()) {
            long number = number(text);
            return text.length() == 13 ? number * 1000 : text.length() == 16 ? number : number / 1000;
        }
        return text.indexOf('/') > 0
                ? common(text)
                : micros(text.replace(' ', 'T'), DateTimeFormatter.ISO_OFFSET_DATE_TIME);
    }

    /** Nineteen digits may be more than a long holds. */
    private static long number(String text) throws MalformedLineException {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new MalformedLineException("the time is beyond the year 2262");
        }
    }

    private static long micros(String text, DateTimeFormatter format) throws MalformedLineException {
        long micros;
        try {
            OffsetDateTime time = OffsetDateTime.parse(text, format);
            micros = Math.addExact(Math.multiplyExact(time.toEpochSecond(), 1_000_000L), time.getNano() / 1000);
        } catch (DateTimeException | ArithmeticException e) {
            throw new MalformedLineException("the time is not one with an offset");
        }
        if (micros < 0) {
            throw new MalformedLineException("the time is before 1970");
        }
        return micros;
    }

    /** Seconds with a fraction, as logs write durations, in microseconds. */
    static long durationMicros(String seconds) throws MalformedLineException {
        if (!SECONDS.matcher(seconds).matches()) {
            throw new MalformedLineException("the duration is not a number of seconds");
        }
        return new BigDecimal(seconds)
                .multiply(MICROS)
                .setScale(0, RoundingMode.HALF_UP)
                .longValueExact();
    }
}
