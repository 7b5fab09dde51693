package io.counterfoil.edge.snapshot;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.util.Arrays;

/** Reads what a {@link DigestedOutput} wrote. */
final class DigestedInput {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final FileChannel file;
    private final MessageDigest sha256;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).limit(0);
    private long filePosition;
    private int digested;

    DigestedInput(FileChannel file, MessageDigest sha256) {
        this.file = file;
        this.sha256 = sha256;
    }

    /** How much was read. */
    long position() {
        return filePosition - buffer.remaining();
    }

    byte[] get(byte[] into, int length) throws IOException {
        for (int at = 0; at < length; ) {
            int part = Math.min(need(1).remaining(), length - at);
            buffer.get(into, at, part);
            at += part;
        }
        return into;
    }

    int getByte() throws IOException {
        return Byte.toUnsignedInt(need(Byte.BYTES).get());
    }

    int getShort() throws IOException {
        return Short.toUnsignedInt(need(Short.BYTES).getShort());
    }

    long getLong() throws IOException {
        return need(Long.BYTES).getLong();
    }

    /** Whether what comes next is the SHA-256 of everything before it. */
    boolean digestMatches() throws IOException {
        digest();
        byte[] expected = DigestedOutput.Digested.sofar(sha256);
        return Arrays.equals(expected, get(new byte[expected.length], expected.length));
    }

    /** Of everything read. */
    MessageDigest sha256() {
        digest();
        return sha256;
    }

    private void digest() {
        sha256.update(buffer.array(), digested, buffer.position() - digested);
        digested = buffer.position();
    }

    private ByteBuffer need(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            digest();
            buffer.compact();
            digested = 0;
            while (buffer.position() < bytes) {
                int read = file.read(buffer);
                if (read < 0) {
                    throw new EOFException("ends at byte " + filePosition);
                }
                filePosition += read;
            }
            buffer.flip();
        }
        return buffer;
    }
}
