package io.counterfoil.accesslog.record;

/**
 * Stars out what looks like an API key, in place: a run of letters, digits and underscores that is 32 bytes or longer and has
 * both a letter and a digit, or 20 or longer and begins as keys do ({@code cfk_}, {@code sk_}, {@code pk_}, {@code ak_}). The
 * first four bytes stay, so that an operator can tell which kind it was. Dashes end a run: article slugs and UUIDs stay readable.
 */
final class KeyMask {
    private static final int SURE_BYTES = 32;
    private static final int PREFIXED_BYTES = 20;
    private static final int KEPT_BYTES = 4;

    private KeyMask() {}

    /** Masks every such run. */
    static void mask(byte[] text, int from, int to) {
        mask(text, from, to, SURE_BYTES);
    }

    /** Masks only what begins as keys do: trace ids are long runs of digits and letters too. */
    static void maskPrefixed(byte[] text, int from, int to) {
        mask(text, from, to, Integer.MAX_VALUE);
    }

    private static void mask(byte[] text, int from, int to, int sureBytes) {
        int start = from;
        boolean letter = false;
        boolean digit = false;
        for (int i = from; i <= to; i++) {
            byte b = i < to ? text[i] : (byte) '/';
            boolean isLetter = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
            boolean isDigit = b >= '0' && b <= '9';
            if (isLetter || isDigit || b == '_') {
                letter |= isLetter;
                digit |= isDigit;
                continue;
            }
            int length = i - start;
            if (length >= PREFIXED_BYTES && letter && digit && (length >= sureBytes || prefixed(text, start))) {
                java.util.Arrays.fill(text, start + KEPT_BYTES, i, (byte) '*');
            }
            start = i + 1;
            letter = false;
            digit = false;
        }
    }

    private static boolean prefixed(byte[] text, int at) {
        if (text[at + 2] == '_') {
            return text[at + 1] == 'k' && (text[at] == 's' || text[at] == 'p' || text[at] == 'a');
        }
        return text[at] == 'c' && text[at + 1] == 'f' && text[at + 2] == 'k' && text[at + 3] == '_';
    }
}
