package io.counterfoil.jobs.rating;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/**
 * An exact number: one whole number over another, in lowest terms, so that equal numbers are equal records. A third of a fee, or a price
 * for every 3,600 units, has no end as a decimal; rounding it before its line is rounded would round twice.
 *
 * @param denominator above 0
 */
public record Ratio(BigInteger numerator, BigInteger denominator) implements Comparable<Ratio> {
    public static final Ratio ZERO = new Ratio(BigInteger.ZERO, BigInteger.ONE);

    public Ratio {
        if (denominator.signum() <= 0) {
            throw new IllegalArgumentException("a ratio's denominator is " + denominator + ", expected above 0");
        }
        BigInteger common = numerator.gcd(denominator);
        if (!common.equals(BigInteger.ONE)) {
            numerator = numerator.divide(common);
            denominator = denominator.divide(common);
        }
    }

    public static Ratio of(BigDecimal value) {
        return value.scale() <= 0
                ? new Ratio(value.toBigIntegerExact(), BigInteger.ONE)
                : new Ratio(value.unscaledValue(), BigInteger.TEN.pow(value.scale()));
    }

    public static Ratio of(long value) {
        return of(BigDecimal.valueOf(value));
    }

    public Ratio plus(Ratio other) {
        return new Ratio(
                numerator.multiply(other.denominator).add(other.numerator.multiply(denominator)),
                denominator.multiply(other.denominator));
    }

    public Ratio negated() {
        return new Ratio(numerator.negate(), denominator);
    }

    public Ratio minus(Ratio other) {
        return plus(other.negated());
    }

    public Ratio times(Ratio other) {
        return new Ratio(numerator.multiply(other.numerator), denominator.multiply(other.denominator));
    }

    public Ratio times(BigDecimal other) {
        return times(of(other));
    }

    /** @throws ArithmeticException where the other is 0 */
    public Ratio dividedBy(Ratio other) {
        if (other.signum() == 0) {
            throw new ArithmeticException("division by zero");
        }
        BigInteger bottom = denominator.multiply(other.numerator);
        BigInteger top = numerator.multiply(other.denominator);
        return bottom.signum() < 0 ? new Ratio(top.negate(), bottom.negate()) : new Ratio(top, bottom);
    }

    public Ratio max(Ratio other) {
        return compareTo(other) >= 0 ? this : other;
    }

    public Ratio min(Ratio other) {
        return compareTo(other) <= 0 ? this : other;
    }

    public int signum() {
        return numerator.signum();
    }

    /** The smallest whole number that is not below this one. */
    public Ratio ceiling() {
        return of(new BigDecimal(numerator).divide(new BigDecimal(denominator), 0, RoundingMode.CEILING));
    }

    /** Rounded once, half up (away from zero), to so many digits behind the point. */
    public BigDecimal rounded(int scale) {
        return new BigDecimal(numerator).divide(new BigDecimal(denominator), scale, RoundingMode.HALF_UP);
    }

    @Override
    public int compareTo(Ratio other) {
        return numerator.multiply(other.denominator).compareTo(other.numerator.multiply(denominator));
    }

    /** For programs: every digit, where it ends as a decimal; else one whole number over another, {@code 1/3}. */
    public String fraction() {
        String decimal = text();
        return decimal.endsWith("…") ? numerator + "/" + denominator : decimal;
    }

    /**
     * Reads what {@link #fraction} gives.
     *
     * @throws NumberFormatException where the text is none
     */
    public static Ratio parse(String text) {
        int over = text.indexOf('/');
        return over < 0
                ? of(new BigDecimal(text))
                : new Ratio(new BigInteger(text.substring(0, over)), new BigInteger(text.substring(over + 1)));
    }

    /** Every digit, where it ends as a decimal; else 16 behind the point, rounded, and {@code …}. */
    public String text() {
        return text(16);
    }

    /** As {@link #text()}, with so many digits behind the point. */
    public String text(int digits) {
        try {
            BigDecimal exact = new BigDecimal(numerator).divide(new BigDecimal(denominator));
            return (exact.signum() == 0 ? BigDecimal.ZERO : exact.stripTrailingZeros()).toPlainString();
        } catch (ArithmeticException endless) {
            return rounded(digits).toPlainString() + "…";
        }
    }
}
