package io.counterfoil.sql.account;

import io.counterfoil.sql.OperatorException;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much a key may use in a window.
 *
 * @param window hour, day or period (until subscriptions exist, the UTC month)
 * @param measure requests, units or bytes_out
 * @param action what follows once the quota is used: notify, warn or refuse
 */
public record UsageLimit(long quota, String window, String measure, String action) {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,18})/(hour|day|period)");

    /**
     * Reads a limit as people write it.
     *
     * @param text {@code 1000/hour}
     * @throws OperatorException category INPUT, naming the value and what was expected
     */
    public static UsageLimit parse(String text, String measure, String action) {
        Matcher matcher = TEXT.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw OperatorException.input(
                    "limit is '" + text + "', expected NUMBER/hour, NUMBER/day or NUMBER/period, as in 1000/hour");
        }
        if (!measure.matches("requests|units|bytes_out")) {
            throw OperatorException.input("measure is '" + measure + "', expected requests, units or bytes_out");
        }
        if (!action.matches("notify|warn|refuse")) {
            throw OperatorException.input(
                    "what happens over the limit is '" + action + "', expected notify, warn or refuse");
        }
        return new UsageLimit(Long.parseLong(matcher.group(1)), matcher.group(2), measure, action);
    }
}
