package io.counterfoil.accesslog.record;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One life of an edge's log. The number orders an edge's epochs; the nonce keeps two copies of one data folder apart that
 * started within the same second.
 *
 * @param number larger than the edge's last, usually the Unix second of the start
 * @param nonce 64 random bits (for an imported file: the head of its fingerprint, so that the same file is the same epoch)
 */
public record Epoch(long number, long nonce) implements Comparable<Epoch> {
    private static final Pattern TEXT = Pattern.compile("(\\d{10})-([0-9a-f]{16})");
    private static final long MAX_NUMBER = 9_999_999_999L;

    public Epoch {
        if (number < 1 || number > MAX_NUMBER) {
            throw new IllegalArgumentException("epoch number is " + number + ", expected 1 to " + MAX_NUMBER);
        }
    }

    /** @throws IllegalArgumentException where the text is not ten digits, a dash and sixteen hex digits */
    public static Epoch parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "epoch is '" + text + "', expected ten digits, a dash and sixteen hex digits");
        }
        return new Epoch(Long.parseLong(matcher.group(1)), Long.parseUnsignedLong(matcher.group(2), 16));
    }

    @Override
    public int compareTo(Epoch other) {
        int byNumber = Long.compare(number, other.number);
        return byNumber != 0 ? byNumber : Long.compareUnsigned(nonce, other.nonce);
    }

    /** The form in names, headers and the CRC's salt; sorts as the epochs do. */
    @Override
    public String toString() {
        String hex = Long.toHexString(nonce);
        return String.format(java.util.Locale.ROOT, "%010d-", number) + "0".repeat(16 - hex.length()) + hex;
    }
}
