package io.counterfoil.sql.limits;

import io.counterfoil.sql.OperatorException;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much may be used in a window.
 *
 * @param quota requests, units or bytes
 * @param window hour, day or period (until subscriptions exist, the UTC month)
 * @param measure requests, units or bytes_out
 * @param action what follows once the quota is used: notify, warn or refuse
 * @param scope key: each key for itself; account: all of an account's keys on the plan together
 */
public record UsageLimit(long quota, String window, String measure, String action, String scope) {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,18}) ?([a-z]*) ?/ ?(hour|day|period)");
    private static final Map<String, Long> BYTES = Map.of(
            "b", 1L,
            "kb", 1_000L,
            "mb", 1_000_000L,
            "gb", 1_000_000_000L,
            "tb", 1_000_000_000_000L,
            "kib", 1L << 10,
            "mib", 1L << 20,
            "gib", 1L << 30,
            "tib", 1L << 40);
    /** Those that text is written in, the largest first. */
    private static final List<String> WRITTEN = List.of("TiB", "TB", "GiB", "GB", "MiB", "MB", "KiB", "KB", "B");

    /** @throws OperatorException category INPUT where action or scope is none */
    public UsageLimit {
        if (!action.matches("notify|warn|refuse")) {
            throw OperatorException.input(
                    "what happens over the limit is '" + action + "', expected notify, warn or refuse");
        }
        if (!scope.matches("key|account")) {
            throw OperatorException.input("a limit is per '" + scope + "', expected key or account");
        }
    }

    /**
     * Reads a limit as people write it.
     *
     * @param text {@code 1000/hour}, {@code 500units/day}, {@code 50GiB/period}; bytes are those handed over (bytes_out)
     * @throws OperatorException category INPUT, naming the value and what was expected
     */
    public static UsageLimit parse(String text, String action, String scope) {
        Matcher matcher = TEXT.matcher(text.toLowerCase(Locale.ROOT).strip());
        String unit = matcher.matches() ? matcher.group(2) : "?";
        Long factor = unit.matches("(requests|units)?") ? Long.valueOf(1) : BYTES.get(unit);
        if (factor == null) {
            throw OperatorException.input(
                    "limit is '" + text + "', expected NUMBER/hour, NUMBER/day or NUMBER/period, as in"
                            + " 1000/hour, 500units/day or 50GiB/period");
        }
        BigInteger quota = new BigInteger(matcher.group(1)).multiply(BigInteger.valueOf(factor));
        if (quota.bitLength() >= Long.SIZE) {
            throw OperatorException.input("limit is '" + text + "', expected less than 2^63 bytes");
        }
        if (quota.signum() == 0) {
            throw OperatorException.input(
                    "limit is '" + text + "', expected at least 1: nobody is over a limit before something"
                            + " was counted; to let a key do nothing: counterfoil key disable");
        }
        String measure = unit.equals("units") ? "units" : BYTES.containsKey(unit) ? "bytes_out" : "requests";
        return new UsageLimit(quota.longValue(), matcher.group(3), measure, action, scope);
    }

    /** A limit of each key. */
    public static UsageLimit parse(String text, String action) {
        return parse(text, action, "key");
    }

    /** The bytes of a unit as B, KB, GiB; upper or lower case. */
    public static Optional<Long> bytesOf(String unit) {
        return Optional.ofNullable(BYTES.get(unit.toLowerCase(Locale.ROOT)));
    }

    /** As people write it: {@code 1000/hour}. */
    public String text() {
        return text(quota, measure, window);
    }

    /** An amount of that measure, as people write it: {@code 1000}, {@code 500units}, {@code 50GiB}. */
    public static String amount(long amount, String measure) {
        if (measure.equals("requests")) {
            return Long.toString(amount);
        }
        if (measure.equals("units")) {
            return amount + "units";
        }
        String unit = WRITTEN.stream()
                .filter(each -> amount > 0 && amount % BYTES.get(each.toLowerCase(Locale.ROOT)) == 0)
                .findFirst()
                .orElse("B");
        return amount / BYTES.get(unit.toLowerCase(Locale.ROOT)) + unit;
    }

    /** As {@link #text()}. */
    public static String text(long quota, String measure, String window) {
        return amount(quota, measure) + "/" + window;
    }
}
