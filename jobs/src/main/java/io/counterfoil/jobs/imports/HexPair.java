package io.counterfoil.jobs.imports;

/** Two hex digits, as escapes of all kinds have them. */
final class HexPair {
    private HexPair() {}

    /** The byte they stand for; -1 where there are none at that place. */
    static int at(byte[] text, int at) {
        if (at + 1 >= text.length) {
            return -1;
        }
        int high = Character.digit(text[at], 16);
        int low = Character.digit(text[at + 1], 16);
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }
}
