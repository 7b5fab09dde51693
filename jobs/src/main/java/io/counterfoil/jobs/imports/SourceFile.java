package io.counterfoil.jobs.imports;

import io.counterfoil.sql.OperatorException;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A foreign log, read line by line from its uncompressed bytes; gzip is told by its first bytes, not by a name. Only lines that end
 * with a newline are given out: what follows the last newline may still be growing.
 */
final class SourceFile implements AutoCloseable {
    /** A longer line is no request; its bytes are not kept. */
    static final int MAX_LINE_BYTES = 1 << 20;

    private static final int HEAD_BYTES = 256 << 10;
    private static final int BUFFER_BYTES = 64 << 10;

    private final String name;
    private final SourceHead head;
    private final byte[] rawHead;
    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int bufferAt;
    private int bufferEnd;
    private long position;
    private long lineStart;
    private byte[] lastLine = new byte[0];
    private boolean cut;

    private SourceFile(String name, byte[] rawHead, InputStream in) {
        this.name = name;
        this.rawHead = rawHead;
        this.head = SourceHead.of(rawHead);
        this.in = in;
    }

    /** @throws OperatorException category INPUT where there is no such file or it cannot be read */
    static SourceFile open(Path file) {
        try {
            return open(String.valueOf(file.getFileName()), Files.newInputStream(file));
        } catch (IOException e) {
            String why = Files.exists(file) ? "cannot be read: " + e.getMessage() : "does not exist";
            throw OperatorException.input("log file " + file + " " + why + "; expected a log file, plain or .gz");
        }
    }

    static SourceFile open(String name, InputStream stream) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(stream, BUFFER_BYTES);
        buffered.mark(2);
        boolean gzip = buffered.read() == 0x1f && buffered.read() == 0x8b;
        buffered.reset();
        InputStream in = gzip ? gunzip(buffered) : buffered;
        byte[] rawHead = in.readNBytes(HEAD_BYTES);
        return new SourceFile(name, rawHead, new SequenceInputStream(new ByteArrayInputStream(rawHead), in));
    }

    /** Member after member; what follows the last one and is none is an error. */
    private static InputStream gunzip(InputStream in) throws IOException {
        return GzipCompressorInputStream.builder()
                .setInputStream(in)
                .setDecompressConcatenated(true)
                .get();
    }

    String name() {
        return name;
    }

    SourceHead head() {
        return head;
    }

    /** The file's first bytes, for a format that must see the header line wherever reading begins. */
    InputStream headBytes() {
        return new ByteArrayInputStream(rawHead);
    }

    /**
     * Skips to a byte position, which must not be behind the end; returns the up to 4 KiB before it, or empty where the file is
     * shorter than that position.
     */
    Optional<byte[]> skipTo(long target, int tailBytes) throws IOException {
        ByteArrayOutputStream tail = new ByteArrayOutputStream();
        while (position < target) {
            if (!fill()) {
                return Optional.empty();
            }
            int take = (int) Math.min(bufferEnd - bufferAt, target - position);
            long tailFrom = target - tailBytes;
            if (position + take > tailFrom) {
                int skip = (int) Math.max(0, tailFrom - position);
                tail.write(buffer, bufferAt + skip, take - skip);
            }
            bufferAt += take;
            position += take;
        }
        lineStart = position;
        return Optional.of(tail.toByteArray());
    }

    /** Reads the next whole line; false where there is none. {@code takeUnterminated}: the end of the file ends a line too. */
    boolean next(boolean takeUnterminated) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        cut = false;
        lineStart = position;
        while (true) {
            if (bufferAt == bufferEnd && !fill()) {
                lastLine = line.toByteArray();
                return takeUnterminated && position > lineStart;
            }
            int newline = bufferAt;
            while (newline < bufferEnd && buffer[newline] != '\n') {
                newline++;
            }
            int take = newline - bufferAt;
            if (line.size() + take <= MAX_LINE_BYTES) {
                line.write(buffer, bufferAt, take);
            } else {
                cut = true;
            }
            position += take;
            bufferAt = newline;
            if (newline < bufferEnd) {
                bufferAt++;
                position++;
                lastLine = line.toByteArray();
                return true;
            }
        }
    }

    private boolean fill() throws IOException {
        if (bufferAt < bufferEnd) {
            return true;
        }
        bufferAt = 0;
        bufferEnd = Math.max(0, in.read(buffer));
        return bufferEnd > 0;
    }

    /** The line's bytes without its end. */
    byte[] line() {
        return lastLine;
    }

    /** Whether the line was longer than {@link #MAX_LINE_BYTES}. */
    boolean lineWasCut() {
        return cut;
    }

    /** Byte position of the line's first byte in the uncompressed file. */
    long lineStart() {
        return lineStart;
    }

    /** Byte position behind what was read. */
    long position() {
        return position;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
