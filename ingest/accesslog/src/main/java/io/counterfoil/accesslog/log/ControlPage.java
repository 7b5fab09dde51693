package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.accesslog.seal.Unlogged;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Optional;

/**
 * What a stream counts beside its records. Two pages of one slot per segment, 64 bytes, segment n in slot n mod 64. The first is
 * mapped, the event loop's alone, and outlasts the process:
 *
 * <pre>
 * 0 segment number | 8 served | 16 unlogged: disk | 24 unlogged: no segment | 32 last acknowledged seq
 * 40 last seq before the segment | 48 … unused
 * </pre>
 *
 * The second is written after a segment was forced, and forced itself, so that it never says more than the disk holds:
 *
 * <pre>
 * 0 segment number | 8 last forced seq | 16 every record before this time is forced | 24 … unused
 * </pre>
 */
final class ControlPage {
    /** No more segments of a stream may be unsealed at once. */
    static final int SLOTS = 64;

    private static final int SLOT_BYTES = 64;
    private static final int PAGE_BYTES = SLOTS * SLOT_BYTES;

    /** What was forced of a segment: its records up to that seq, every record before that time. */
    record Forced(long seq, long micros) {}

    private final FileChannel channel;
    private final Disk disk;
    private final MappedByteBuffer page;
    private int slot;
    private long served;
    private long unloggedDisk;
    private long noSegment;

    private ControlPage(FileChannel channel, Disk disk) throws IOException {
        this.channel = channel;
        this.disk = disk;
        page = channel.map(FileChannel.MapMode.READ_WRITE, 0, PAGE_BYTES);
    }

    static ControlPage open(Path file, Disk disk) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            // Really written, as segments are: a store into a hole of a full disk would end the process.
            if (channel.size() < 2L * PAGE_BYTES) {
                disk.zero(channel, channel.size(), 2L * PAGE_BYTES);
                disk.force(channel);
                DurableFiles.syncFolder(
                        Objects.requireNonNull(file.toAbsolutePath().getParent()));
            }
            return new ControlPage(channel, disk);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** @param lastSeq of the segments before it */
    void begin(long segment, long lastSeq) {
        slot = slot(segment);
        served = 0;
        unloggedDisk = 0;
        noSegment = 0;
        page.putLong(slot + 8, 0)
                .putLong(slot + 16, 0)
                .putLong(slot + 24, 0)
                .putLong(slot + 32, lastSeq)
                .putLong(slot + 40, lastSeq);
        VarHandle.releaseFence();
        page.putLong(slot, segment);
    }

    void countServed() {
        page.putLong(slot + 8, ++served);
    }

    void countDisk() {
        page.putLong(slot + 16, ++unloggedDisk);
    }

    void countNoSegment() {
        page.putLong(slot + 24, ++noSegment);
    }

    /** The record of that seq is in the segment: whatever becomes of its file, it is known that it should be there. */
    void acknowledge(long seq) {
        page.putLong(slot + 32, seq);
    }

    long served() {
        return served;
    }

    Unlogged unlogged() {
        return new Unlogged(unloggedDisk, noSegment, 0);
    }

    /** After the segment was forced; from any thread. */
    void forced(long segment, Forced forced) throws IOException {
        ByteBuffer entry = ByteBuffer.allocate(24)
                .putLong(segment)
                .putLong(forced.seq())
                .putLong(forced.micros())
                .flip();
        channel.write(entry, PAGE_BYTES + (long) slot(segment));
        disk.force(channel);
    }

    /** What a dead process had counted while that segment was active; 0 where it never began it. */
    long servedOf(long segment) {
        return holds(segment) ? page.getLong(slot(segment) + 8) : 0;
    }

    Unlogged unloggedOf(long segment) {
        return holds(segment)
                ? new Unlogged(page.getLong(slot(segment) + 16), page.getLong(slot(segment) + 24), 0)
                : Unlogged.NONE;
    }

    /** The last record that a dead process had acknowledged in that segment; 0 where that is not known. */
    long acknowledgedOf(long segment) {
        return holds(segment) ? page.getLong(slot(segment) + 32) : 0;
    }

    /** The last sequence number of the segments before that one; 0 where that is not known. */
    long seqBefore(long segment) {
        return holds(segment) ? page.getLong(slot(segment) + 40) : 0;
    }

    Optional<Forced> forcedOf(long segment) throws IOException {
        ByteBuffer entry = ByteBuffer.allocate(24);
        channel.read(entry, PAGE_BYTES + (long) slot(segment));
        return entry.getLong(0) == segment
                ? Optional.of(new Forced(entry.getLong(8), entry.getLong(16)))
                : Optional.empty();
    }

    /** The last segment that a dead process had begun, as far as is known; else 0. */
    long lastBegun() {
        long last = 0;
        for (int at = 0; at < PAGE_BYTES; at += SLOT_BYTES) {
            last = Math.max(last, page.getLong(at));
        }
        return last;
    }

    private boolean holds(long segment) {
        return page.getLong(slot(segment)) == segment;
    }

    private static int slot(long segment) {
        return (int) (segment % SLOTS) * SLOT_BYTES;
    }

    /** The mapping stays until the garbage collector finds it unused: event loops may still look at their counts. */
    void close() throws IOException {
        channel.close();
    }
}
