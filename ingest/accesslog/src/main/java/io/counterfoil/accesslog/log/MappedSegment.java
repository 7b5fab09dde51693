package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.SegmentId;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Objects;

/**
 * A preallocated file that one event loop appends lines to, through a mapping. What was appended outlasts the death of the
 * process at once, and of the machine once it is forced. The file's pages are really written with zeros when it is made: a sparse
 * mapping on a full disk loses acknowledged lines silently.
 *
 * <p>Only the event loop touches the mapping, and only while the segment is active. All others use the file's channel, which
 * reports a failing disk as an exception and not as a signal.
 */
final class MappedSegment {
    private static final int CHUNK_BYTES = 256 << 10;

    private final Path file;
    private final FileChannel channel;
    private final Disk disk;
    private final MappedByteBuffer buffer;
    private int used;
    /** {@code bytes}, or 0 once the segment is poisoned: then nothing fits. */
    private volatile int limit;

    private MappedSegment(Path file, FileChannel channel, int bytes, Disk disk) throws IOException {
        this.file = file;
        this.channel = channel;
        this.disk = disk;
        buffer = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes);
        limit = bytes;
    }

    /** A new file, zero-filled and forced. Where that fails nothing stays of it. */
    static MappedSegment create(Path file, int bytes, Disk disk) throws IOException {
        FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            disk.zero(channel, 0, bytes);
            disk.force(channel);
            DurableFiles.syncFolder(Objects.requireNonNull(file.toAbsolutePath().getParent()));
            return new MappedSegment(file, channel, bytes, disk);
        } catch (IOException | RuntimeException e) {
            channel.close();
            Files.deleteIfExists(file);
            throw e;
        }
    }

    /** Makes this the segment of that name: its line 1 is appended. */
    void begin(SegmentId id) {
        byte[] header = RecordFormat.header(id);
        append(header, header.length);
    }

    boolean fits(int lineBytes) {
        return lineBytes <= limit - used;
    }

    /** The file or its mapping has failed: nothing more goes into it, and it is used for no other segment. From any thread. */
    void poison() {
        limit = 0;
    }

    boolean poisoned() {
        return limit == 0;
    }

    /**
     * Appends one line that ends with its newline. The newline is stored last: a reader after a crash finds the whole line or
     * none of it.
     */
    void append(byte[] line, int lineBytes) {
        buffer.put(used, line, 0, lineBytes - 1);
        VarHandle.releaseFence();
        buffer.put(used + lineBytes - 1, line[lineBytes - 1]);
        used += lineBytes;
    }

    /** What was appended. For the event loop, and after the roll for who seals. */
    int used() {
        return used;
    }

    /** Makes what was appended before the call outlast power loss. */
    void force() throws IOException {
        disk.force(channel);
    }

    /**
     * Reads the file's first bytes.
     *
     * @return how many could be read; fewer where the file has become shorter or its disk does not give them
     */
    int read(byte[] into, int count) {
        return read(channel, into, count);
    }

    /** Of a file that another process wrote; as {@link #read(byte[], int)}. */
    static byte[] readWhatThereIs(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            byte[] bytes = new byte[Math.toIntExact(channel.size())];
            return Arrays.copyOf(bytes, read(channel, bytes, bytes.length));
        }
    }

    private static int read(FileChannel channel, byte[] into, int count) {
        int at = 0;
        try {
            while (at < count) {
                // In pieces: the channel keeps a buffer outside the heap as large as the largest it was given.
                int read = channel.read(ByteBuffer.wrap(into, at, Math.min(CHUNK_BYTES, count - at)), at);
                if (read <= 0) {
                    return at;
                }
                at += read;
            }
        } catch (IOException e) {
            // What cannot be read is not there; the caller tells how much that is.
            return at;
        }
        return at;
    }

    /**
     * Zeroes what was used, so that the file can become another segment. It stays mapped: the next segment's stores find their pages
     * there. It is not forced: its blocks are its own already, and lines of the segment before would fail the CRC of the next, which
     * holds its number.
     */
    void recycle() throws IOException {
        disk.zero(channel, 0, used);
        used = 0;
    }

    /** Deletes the file. Neither the event loop nor who seals may still have it. */
    void discard() throws IOException {
        Unmapping.unmap(buffer);
        channel.close();
        Files.deleteIfExists(file);
    }
}
