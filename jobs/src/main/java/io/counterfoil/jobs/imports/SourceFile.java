package io.counterfoil.jobs.imports;

import io.counterfoil.sql.OperatorException;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A foreign log, read line by line from its uncompressed bytes; gzip is told by its first bytes, not by a name. Only lines that end
 * with a newline are given out: what follows the last newline may still be growing.
 */
final class SourceFile implements AutoCloseable {
    /** A longer line is no request; its bytes are not kept. */
    static final int MAX_LINE_BYTES = 1 << 20;

    /** How much of its beginning is looked at to know it again. */
    static final int HEAD_BYTES = 256 << 10;

    private static final int BUFFER_BYTES = 64 << 10;

    private final String name;
    private final Optional<FileChannel> channel;
    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private byte[] rawHead;
    private int bufferAt;
    private int bufferEnd;
    private long position;
    private long lineStart;
    private byte[] lastLine = new byte[0];
    private boolean cut;

    private SourceFile(String name, byte[] rawHead, InputStream in, Optional<FileChannel> channel) {
        this.name = name;
        this.rawHead = rawHead;
        this.in = in;
        this.channel = channel;
    }

    /** @throws OperatorException category INPUT where there is no such file or it cannot be read */
    static SourceFile open(Path file) {
        try {
            return opened(file);
        } catch (IOException e) {
            String why = Files.exists(file) ? "cannot be read: " + e.getMessage() : "does not exist";
            throw OperatorException.input("log file " + file + " " + why + "; expected a log file, plain or .gz");
        }
    }

    /** As {@link #open(Path)}; that it is not there (any more) is for the caller to judge. */
    static SourceFile opened(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        if (!Files.isRegularFile(file)) {
            return open(name, Files.newInputStream(file));
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        byte[] head = bytes(channel, 0, HEAD_BYTES);
        if (isGzip(head)) {
            return open(name, Channels.newInputStream(channel));
        }
        return new SourceFile(name, head, Channels.newInputStream(channel), Optional.of(channel));
    }

    static SourceFile open(String name, InputStream stream) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(stream, BUFFER_BYTES);
        buffered.mark(2);
        boolean gzip = isGzip(buffered.readNBytes(2));
        buffered.reset();
        InputStream in = gzip ? gunzip(buffered) : buffered;
        byte[] rawHead = in.readNBytes(HEAD_BYTES);
        return new SourceFile(
                name, rawHead, new SequenceInputStream(new ByteArrayInputStream(rawHead), in), Optional.empty());
    }

    private static boolean isGzip(byte[] head) {
        return head.length >= 2 && head[0] == 0x1f && head[1] == (byte) 0x8b;
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

    /** What it begins with by now. */
    SourceHead head() throws IOException {
        return SourceHead.of(rawHead());
    }

    /** The file's first bytes, for a format that must see the header line wherever reading begins. */
    InputStream headBytes() throws IOException {
        return new ByteArrayInputStream(rawHead());
    }

    private byte[] rawHead() throws IOException {
        if (channel.isPresent()) {
            rawHead = bytes(channel.get(), 0, HEAD_BYTES);
        }
        return rawHead;
    }

    /** How long a plain file is by now; empty for what is compressed or comes through a pipe. */
    OptionalLong size() throws IOException {
        return channel.isPresent() ? OptionalLong.of(channel.get().size()) : OptionalLong.empty();
    }

    /** Bytes of a plain file, fewer where it ends before; where reading stands does not change. */
    byte[] bytes(long from, int length) throws IOException {
        return bytes(channel.orElseThrow(), from, length);
    }

    private static byte[] bytes(FileChannel channel, long from, int length) throws IOException {
        int there = (int) Math.max(0, Math.min(length, channel.size() - from));
        ByteBuffer bytes = ByteBuffer.allocate(there);
        while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) > 0) {
            // Until it is full or the file ends.
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    /**
     * Goes to a byte position, in what is compressed only forwards; returns the up to 4 KiB before it, or empty where the file is
     * shorter than that position.
     */
    Optional<byte[]> skipTo(long target, int tailBytes) throws IOException {
        if (channel.isPresent()) {
            seek(target - tailBytes);
        }
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

    /** Reads all that is left; returns where the file ends. */
    long readToEnd() throws IOException {
        while (fill()) {
            position += bufferEnd - bufferAt;
            bufferAt = bufferEnd;
        }
        return position;
    }

    private void seek(long target) throws IOException {
        channel.orElseThrow().position(target);
        bufferAt = 0;
        bufferEnd = 0;
        position = target;
        lineStart = target;
    }

    /** Reads the next whole line; false where there is none. {@code takeUnterminated}: the end of the file ends a line too. */
    boolean next(boolean takeUnterminated) throws IOException {
        return next(takeUnterminated, Long.MAX_VALUE);
    }

    /** As {@link #next}, of a file that ends at that byte, whatever was written behind it since; what is left ends a line too. */
    boolean nextUpTo(long end) throws IOException {
        return next(true, end);
    }

    private boolean next(boolean takeUnterminated, long end) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        cut = false;
        lineStart = position;
        while (true) {
            if (position == end || (bufferAt == bufferEnd && !fill())) {
                lastLine = line.toByteArray();
                return takeUnterminated && position > lineStart;
            }
            int stop = bufferAt + (int) Math.min(bufferEnd - bufferAt, end - position);
            int newline = bufferAt;
            while (newline < stop && buffer[newline] != '\n') {
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
            if (newline < stop) {
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
        if (channel.isPresent()) {
            channel.get().close();
        }
    }
}
