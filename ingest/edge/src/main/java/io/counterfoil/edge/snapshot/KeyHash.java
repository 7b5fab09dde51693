package io.counterfoil.edge.snapshot;

import java.nio.ByteBuffer;

/** A SHA-256, as four big-endian words. */
record KeyHash(long first, long second, long third, long fourth) {
    static final int BYTES = 32;

    /** @param sha256 32 bytes */
    static KeyHash of(byte[] sha256) {
        ByteBuffer words = ByteBuffer.wrap(sha256);
        return new KeyHash(words.getLong(), words.getLong(), words.getLong(), words.getLong());
    }

    static KeyHash of(long[] words, int at) {
        return new KeyHash(words[at], words[at + 1], words[at + 2], words[at + 3]);
    }

    void copyTo(long[] words, int at) {
        words[at] = first;
        words[at + 1] = second;
        words[at + 2] = third;
        words[at + 3] = fourth;
    }

    byte[] bytes() {
        return ByteBuffer.allocate(BYTES)
                .putLong(first)
                .putLong(second)
                .putLong(third)
                .putLong(fourth)
                .array();
    }
}
