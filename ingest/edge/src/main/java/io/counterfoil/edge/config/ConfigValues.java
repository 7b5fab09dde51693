package io.counterfoil.edge.config;

import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Values as people write them in a settings file; empty where the text is none. */
final class ConfigValues {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})(B|KiB|MiB|GiB|TiB)");

    private ConfigValues() {}

    /** A whole number from 1 to max. */
    static Optional<Long> number(String text, long max) {
        return text.matches("\\d{1,18}")
                ? Optional.of(Long.parseLong(text)).filter(n -> n >= 1 && n <= max)
                : Optional.empty();
    }

    static Optional<Duration> duration(String text, long minMillis, long maxMillis) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long amount = Long.parseLong(matcher.group(1));
        long millis = switch (matcher.group(2)) {
            case "ms" -> amount;
            case "s" -> amount * 1000;
            case "m" -> amount * 60_000;
            default -> amount * 3_600_000;
        };
        return millis >= minMillis && millis <= maxMillis ? Optional.of(Duration.ofMillis(millis)) : Optional.empty();
    }

    /** Bytes, written with their unit. */
    static Optional<Long> size(String text, long min, long max) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int shift = switch (matcher.group(2)) {
            case "B" -> 0;
            case "KiB" -> 10;
            case "MiB" -> 20;
            case "GiB" -> 30;
            default -> 40;
        };
        long count = Long.parseLong(matcher.group(1));
        long bytes = count << shift;
        boolean fits = bytes >> shift == count;
        return fits && bytes >= min && bytes <= max ? Optional.of(bytes) : Optional.empty();
    }

    static Optional<Boolean> flag(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "on", "yes" -> Optional.of(true);
            case "false", "off", "no" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    /** Why a file cannot be read, in words. */
    static String reason(Exception e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such file";
        }
        return e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
    }
}
