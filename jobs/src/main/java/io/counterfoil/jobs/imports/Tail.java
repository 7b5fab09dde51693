package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.seal.SourceRange.Digest;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/** Remembers the last 4 KiB of what was read, so that a file which has grown can be seen to still hold them. */
final class Tail {
    private static final int BYTES = 4096;
    private static final byte[] NEWLINE = {'\n'};

    private final Deque<byte[]> pieces = new ArrayDeque<>();
    private int size;

    /** @param newline whether the line ended with one */
    void line(byte[] bytes, boolean newline) {
        add(bytes);
        if (newline) {
            add(NEWLINE);
        }
    }

    /** Nothing before this point is remembered. */
    void clear() {
        pieces.clear();
        size = 0;
    }

    void add(byte[] bytes) {
        pieces.addLast(bytes);
        size += bytes.length;
        while (size - pieces.getFirst().length >= BYTES) {
            size -= pieces.removeFirst().length;
        }
    }

    Digest digest() {
        byte[] last = last(BYTES);
        return new Digest(last.length, Digests.sha256(last));
    }

    /** The last bytes of what was read, at most as many. */
    byte[] last(int count) {
        ByteArrayOutputStream all = new ByteArrayOutputStream(size);
        pieces.forEach(all::writeBytes);
        byte[] bytes = all.toByteArray();
        return Arrays.copyOfRange(bytes, Math.max(0, bytes.length - Math.min(count, BYTES)), bytes.length);
    }
}
