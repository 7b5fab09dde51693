package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.SegmentId;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A preallocated file that one event loop appends lines to. What was appended outlasts the death of the process at once, and of
 * the machine once {@link #force}d. The file's pages are really written with zeros when it is made: a sparse mapping on a full
 * disk loses acknowledged lines silently.
 */
final class MappedSegment {
    private static final int FILL_BYTES = 1 << 20;

    private final MappedByteBuffer buffer;
    private int used;

    private MappedSegment(MappedByteBuffer buffer) {
        this.buffer = buffer;
    }

    static MappedSegment create(Path file, int bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer zeros = ByteBuffer.allocateDirect(FILL_BYTES);
            for (int filled = 0; filled < bytes; ) {
                zeros.clear().limit(Math.min(FILL_BYTES, bytes - filled));
                filled += channel.write(zeros);
            }
            channel.force(true);
            return new MappedSegment(channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes));
        }
    }

    /** Makes this the segment of that name: its line 1 is appended. */
    void begin(SegmentId id) {
        byte[] header = RecordFormat.header(id);
        append(header, header.length);
    }

    boolean fits(int bytes) {
        return bytes <= buffer.capacity() - used;
    }

    /**
     * Appends one line that ends with its newline. The newline is stored last: a reader after a crash finds the whole line or
     * none of it.
     */
    void append(byte[] line, int bytes) {
        buffer.put(used, line, 0, bytes - 1);
        VarHandle.releaseFence();
        buffer.put(used + bytes - 1, line[bytes - 1]);
        used += bytes;
    }

    int used() {
        return used;
    }

    byte[] copy(int bytes) {
        byte[] copy = new byte[bytes];
        buffer.get(0, copy);
        return copy;
    }

    void force(int bytes) {
        buffer.force(0, bytes);
    }

    /** Zeroes what was used, so that the file can become another segment. */
    void recycle() {
        byte[] zeros = new byte[Math.min(FILL_BYTES, Math.max(used, 1))];
        for (int at = 0; at < used; at += zeros.length) {
            buffer.put(at, zeros, 0, Math.min(zeros.length, used - at));
        }
        used = 0;
    }
}
