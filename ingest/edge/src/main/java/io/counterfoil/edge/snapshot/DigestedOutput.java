package io.counterfoil.edge.snapshot;

import io.counterfoil.accesslog.file.Digests;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;

/** Writes big-endian values to a file and digests all it writes. */
final class DigestedOutput {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final FileChannel file;
    private final MessageDigest sha256;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);

    /** @param sha256 of what stands in the file before; goes on with what is written */
    DigestedOutput(FileChannel file, MessageDigest sha256) {
        this.file = file;
        this.sha256 = sha256;
    }

    void put(byte[] bytes) throws IOException {
        for (int at = 0; at < bytes.length; ) {
            int part = Math.min(room(1).remaining(), bytes.length - at);
            buffer.put(bytes, at, part);
            at += part;
        }
    }

    void putByte(int value) throws IOException {
        room(Byte.BYTES).put((byte) value);
    }

    void putShort(int value) throws IOException {
        room(Short.BYTES).putShort((short) value);
    }

    void putLong(long value) throws IOException {
        room(Long.BYTES).putLong(value);
    }

    /** Writes the SHA-256 of everything before it; it counts for the next one too. */
    void putDigest() throws IOException {
        flush();
        put(Digested.sofar(sha256));
    }

    void flush() throws IOException {
        sha256.update(buffer.array(), 0, buffer.position());
        buffer.flip();
        while (buffer.hasRemaining()) {
            file.write(buffer);
        }
        buffer.clear();
    }

    private ByteBuffer room(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            flush();
        }
        return buffer;
    }

    /** A digest's value, which may then go on. */
    static final class Digested {
        private Digested() {}

        static MessageDigest copy(MessageDigest digest) {
            try {
                return (MessageDigest) digest.clone();
            } catch (CloneNotSupportedException e) {
                throw new IllegalStateException("the SHA-256 of " + Digests.class + " cannot be copied", e);
            }
        }

        static byte[] sofar(MessageDigest digest) {
            return copy(digest).digest();
        }
    }
}
