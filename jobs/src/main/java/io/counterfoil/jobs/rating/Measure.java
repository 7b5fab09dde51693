package io.counterfoil.jobs.rating;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.limits.UsageLimit;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is counted and billed; columns of {@code usage_hourly}. */
public enum Measure {
    REQUESTS,
    UNITS,
    BYTES_OUT;

    private static final Pattern AMOUNT = Pattern.compile("([0-9.]*(?:[eE][+-]?[0-9]+)?) ?([A-Za-z]*)");

    private final String text = name().toLowerCase(Locale.ROOT);

    public String text() {
        return text;
    }

    public static Optional<Measure> named(String text) {
        return Arrays.stream(values()).filter(each -> each.text.equals(text)).findFirst();
    }

    /**
     * Reads a whole amount of this measure: {@code 1000}, {@code 2e9}; of bytes also {@code 50GiB}, {@code GiB}, {@code 1.5TB}.
     *
     * @throws OperatorException category INPUT where the text is none, or no whole number
     */
    public BigDecimal amount(String text) {
        Matcher matcher = AMOUNT.matcher(text.strip());
        Optional<BigDecimal> unit = matcher.matches() ? unit(matcher.group(2)) : Optional.empty();
        if (unit.isEmpty() || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
            throw fault(text);
        }
        BigDecimal number = matcher.group(1).isEmpty() ? BigDecimal.ONE : ExactNumber.parse(matcher.group(1));
        BigDecimal amount = ExactNumber.plain(number.multiply(unit.get()));
        if (amount.scale() > 0) {
            throw fault(text);
        }
        return amount;
    }

    private Optional<BigDecimal> unit(String word) {
        return word.isEmpty()
                ? Optional.of(BigDecimal.ONE)
                : Optional.of(word)
                        .filter(given -> this == BYTES_OUT)
                        .flatMap(UsageLimit::bytesOf)
                        .map(BigDecimal::valueOf);
    }

    private OperatorException fault(String value) {
        return OperatorException.input("amount of " + text + " is '" + value + "', expected a whole number, as in "
                + (this == BYTES_OUT ? "2e9, 50GiB or 1.5TB" : "1500000 or 2e9"));
    }
}
