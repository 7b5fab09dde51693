package io.counterfoil.accesslog.record;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Stars out what looks like an API key, in place: a run of letters, digits and underscores that is 32 bytes or longer and has
 * both a letter and a digit, or 20 or longer and begins as keys do ({@code cfk_}, {@code sk_}, {@code pk_}, {@code ak_}). The
 * first four bytes stay, so that an operator can tell which kind it was. Dashes end a run: article slugs and UUIDs stay readable.
 */
public final class KeyMask {
    private static final int SURE_BYTES = 32;
    private static final int PREFIXED_BYTES = 20;
    private static final int KEPT_BYTES = 4;

    private static final byte LETTER = 1;
    private static final byte DIGIT = 2;
    private static final byte UNDERSCORE = 4;
    /** What a byte is to a run; 0 ends it. */
    private static final byte[] KIND = new byte[256];

    static {
        for (char c = 'a'; c <= 'z'; c++) {
            KIND[c] = LETTER;
            KIND[Character.toUpperCase(c)] = LETTER;
        }
        for (char c = '0'; c <= '9'; c++) {
            KIND[c] = DIGIT;
        }
        KIND['_'] = UNDERSCORE;
    }

    private KeyMask() {}

    /**
     * Masks every such run.
     *
     * @param cut whether more of the text followed: then a run that reaches its end may be the head of a longer one
     */
    static void mask(byte[] text, int from, int to, boolean cut) {
        mask(text, from, to, SURE_BYTES, cut);
    }

    /** A copy of the bytes with every such run masked. */
    public static byte[] masked(byte[] text) {
        byte[] masked = text.clone();
        mask(masked, 0, masked.length, SURE_BYTES, false);
        return masked;
    }

    /** Whether any part of the text would be masked. */
    public static boolean looksLikeKey(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return !Arrays.equals(bytes, masked(bytes));
    }

    /** A copy of a request id with only what begins as keys do masked. */
    public static byte[] maskedRequestId(byte[] text) {
        byte[] masked = text.clone();
        maskPrefixed(masked, 0, masked.length);
        return masked;
    }

    /** Masks only what begins as keys do: trace ids are long runs of digits and letters too. */
    static void maskPrefixed(byte[] text, int from, int to) {
        mask(text, from, to, Integer.MAX_VALUE, false);
    }

    private static void mask(byte[] text, int from, int to, int sureBytes, boolean cut) {
        if (to - from < PREFIXED_BYTES && !cut) {
            return;
        }
        int start = from;
        int seen = 0;
        for (int i = from; i <= to; i++) {
            int kind = i < to ? KIND[text[i] & 0xff] : 0;
            if (kind != 0) {
                seen |= kind;
                continue;
            }
            int length = i - start;
            boolean headOfMore = cut && i == to && length > KEPT_BYTES;
            boolean whole = length >= PREFIXED_BYTES
                    && (seen & (LETTER | DIGIT)) == (LETTER | DIGIT)
                    && (length >= sureBytes
                            || prefixed(text, start)
                            || (escape(text, from, start) && prefixed(text, start + 2)));
            if (headOfMore || whole) {
                Arrays.fill(text, start + KEPT_BYTES, i, (byte) '*');
            }
            start = i + 1;
            seen = 0;
        }
    }

    /** Whether the run begins with the two digits of a percent escape, which are none of the key's. */
    private static boolean escape(byte[] text, int from, int start) {
        return start > from && text[start - 1] == '%';
    }

    private static boolean prefixed(byte[] text, int at) {
        if (text[at + 2] == '_') {
            return text[at + 1] == 'k' && (text[at] == 's' || text[at] == 'p' || text[at] == 'a');
        }
        return text[at] == 'c' && text[at + 1] == 'f' && text[at + 2] == 'k' && text[at + 3] == '_';
    }
}
