package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.seal.SourceRange.Digest;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The beginning of a foreign file, by which it is known again under whatever name: up to 4 KiB of its lines without comments (many
 * formats begin every file with the same comments).
 */
final class SourceHead {
    static final int FINGERPRINT_BYTES = 4096;
    /** So many lines are kept in the seals one by one, for a file that is shorter than what another was known by. */
    static final int LINES = 32;

    private static final int LINE_DIGITS = 16;

    private final byte[] lines;
    /** How many of these bytes are whole lines; what follows the last newline may still be growing. */
    private final int wholeBytes;

    private final List<String> first;

    private SourceHead(byte[] lines, int wholeBytes, List<String> first) {
        this.lines = lines;
        this.wholeBytes = wholeBytes;
        this.first = first;
    }

    /** @param raw the file's first bytes, uncompressed */
    static SourceHead of(byte[] raw) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        List<String> first = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < raw.length && (lines.size() < FINGERPRINT_BYTES || first.size() < LINES); i++) {
            if (raw[i] == '\n') {
                if (raw[start] != '#') {
                    lines.write(raw, start, i + 1 - start);
                    first.add(digest(Arrays.copyOfRange(raw, start, i)));
                }
                start = i + 1;
            }
        }
        int whole = Math.min(lines.size(), FINGERPRINT_BYTES);
        if (start < raw.length && raw[start] != '#') {
            lines.write(raw, start, raw.length - start);
        }
        byte[] all = lines.toByteArray();
        return new SourceHead(
                Arrays.copyOf(all, Math.min(all.length, FINGERPRINT_BYTES)),
                whole,
                first.subList(0, Math.min(first.size(), LINES)));
    }

    /** What a line is known again by. */
    static String digest(byte[] line) {
        return Digests.sha256(line).substring(0, LINE_DIGITS);
    }

    /** The digests of its first whole lines that are no comments, up to {@link #LINES}. */
    List<String> first() {
        return first;
    }

    /** Whether it and what has these first lines begin with the same, as far as both go. */
    boolean sharesFirst(List<String> others) {
        int both = Math.min(first.size(), others.size());
        return both > 0 && first.subList(0, both).equals(others.subList(0, both));
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
