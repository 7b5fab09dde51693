package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.seal.SourceRange.Digest;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * The beginning of a foreign file, by which it is known again under whatever name: up to 4 KiB of its lines without comments (many
 * formats begin every file with the same comments).
 */
final class SourceHead {
    static final int FINGERPRINT_BYTES = 4096;

    private final byte[] lines;
    /** How many of these bytes are whole lines; what follows the last newline may still be growing. */
    private final int wholeBytes;

    private SourceHead(byte[] lines, int wholeBytes) {
        this.lines = lines;
        this.wholeBytes = wholeBytes;
    }

    /** @param raw the file's first bytes, uncompressed */
    static SourceHead of(byte[] raw) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        int start = 0;
        for (int i = 0; i < raw.length && lines.size() < FINGERPRINT_BYTES; i++) {
            if (raw[i] == '\n') {
                if (raw[start] != '#') {
                    lines.write(raw, start, i + 1 - start);
                }
                start = i + 1;
            }
        }
        int whole = Math.min(lines.size(), FINGERPRINT_BYTES);
        if (start < raw.length && raw[start] != '#') {
            lines.write(raw, start, raw.length - start);
        }
        byte[] all = lines.toByteArray();
        return new SourceHead(Arrays.copyOf(all, Math.min(all.length, FINGERPRINT_BYTES)), whole);
    }

    /** @param withUnterminated whether the last line counts though no newline ends it */
    Digest fingerprint(boolean withUnterminated) {
        byte[] taken = withUnterminated ? lines : Arrays.copyOf(lines, wholeBytes);
        return new Digest(taken.length, Digests.sha256(taken));
    }

    /** Whether a file of that fingerprint, as it was then, is the beginning of this one. */
    boolean beginsAs(Digest fingerprint) {
        return fingerprint.bytes() > 0
                && fingerprint.bytes() <= lines.length
                && Digests.sha256(Arrays.copyOf(lines, (int) fingerprint.bytes()))
                        .equals(fingerprint.sha256());
    }
}
