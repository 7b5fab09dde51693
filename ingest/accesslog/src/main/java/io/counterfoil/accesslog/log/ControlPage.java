package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.seal.Unlogged;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What a stream counts beside its records, mapped so that it outlasts the process. One slot per segment, 64 bytes, segment n in
 * slot n mod 64:
 *
 * <pre>
 * 0 segment number | 8 served | 16 unlogged: disk | 24 unlogged: no segment | 32 … unused
 * </pre>
 */
final class ControlPage {
    /** No more segments of a stream may be unsealed at once. */
    static final int SLOTS = 64;

    private static final int SLOT_BYTES = 64;

    private final MappedByteBuffer page;
    private int slot;
    private long served;
    private long disk;
    private long noSegment;

    private ControlPage(MappedByteBuffer page) {
        this.page = page;
    }

    static ControlPage open(Path file) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            // Really written, as segments are: a store into a hole of a full disk would end the process.
            if (channel.size() < (long) SLOTS * SLOT_BYTES) {
                channel.write(ByteBuffer.allocate(SLOTS * SLOT_BYTES), 0);
                channel.force(true);
            }
            return new ControlPage(channel.map(FileChannel.MapMode.READ_WRITE, 0, (long) SLOTS * SLOT_BYTES));
        }
    }

    void begin(long segment) {
        slot = slot(segment);
        served = 0;
        disk = 0;
        noSegment = 0;
        page.putLong(slot + 8, 0).putLong(slot + 16, 0).putLong(slot + 24, 0);
        page.putLong(slot, segment);
    }

    void countServed() {
        page.putLong(slot + 8, ++served);
    }

    void countNoSegment() {
        page.putLong(slot + 24, ++noSegment);
    }

    long served() {
        return served;
    }

    Unlogged unlogged() {
        return new Unlogged(disk, noSegment);
    }

    /** What a dead process had counted while that segment was active; 0 where it never began it. */
    long servedOf(long segment) {
        return holds(segment) ? page.getLong(slot(segment) + 8) : 0;
    }

    Unlogged unloggedOf(long segment) {
        return holds(segment)
                ? new Unlogged(page.getLong(slot(segment) + 16), page.getLong(slot(segment) + 24))
                : Unlogged.NONE;
    }

    private boolean holds(long segment) {
        return page.getLong(slot(segment)) == segment;
    }

    private static int slot(long segment) {
        return (int) (segment % SLOTS) * SLOT_BYTES;
    }
}
