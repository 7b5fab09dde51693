package io.counterfoil.schedules.demo;

import io.counterfoil.sql.OperatorException;

import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A time within any hour. */
public record MinuteSecond(int minute, int second) {
    private static final Pattern TEXT = Pattern.compile("([0-5]\\d):([0-5]\\d)");
    private static final long HOUR_SECONDS = 3600;

    /** @throws OperatorException category INPUT where the text is not MM:SS */
    public static MinuteSecond parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw OperatorException.input("--at is '" + text + "', expected MM:SS as in 59:58");
        }
        return new MinuteSecond(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    /** From now to the next such time; less than an hour. */
    Duration ahead(Instant now) {
        long wanted = minute * 60L + second;
        long seconds = Math.floorMod(wanted - Math.floorMod(now.getEpochSecond(), HOUR_SECONDS), HOUR_SECONDS);
        return Duration.ofSeconds(seconds).minusNanos(now.getNano());
    }
}
