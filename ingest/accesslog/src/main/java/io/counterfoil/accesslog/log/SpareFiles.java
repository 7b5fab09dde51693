package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.record.StreamId;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * One stream's segment files. The event loop takes a ready one at each roll, who seals gives it back, and the files thread zeroes
 * it or makes another.
 */
final class SpareFiles {
    /** One is enough while sealing keeps up; a second one comes back from sealing and is kept. */
    private static final int MAX_READY = 2;

    private final StreamId stream;
    private final StreamFiles names;
    private final int bytes;
    private final int maxFiles;
    private final Disk disk;
    private final Runnable wake;
    private final Queue<MappedSegment> ready = new ConcurrentLinkedQueue<>();
    private final Queue<MappedSegment> emptied = new ConcurrentLinkedQueue<>();
    private int files;
    private int nextName;
    private volatile boolean diskRefuses;

    /** @param wake told when the files thread has something to do here */
    SpareFiles(StreamId stream, StreamFiles names, AccessLogConfig config, Disk disk, Runnable wake) {
        this.stream = stream;
        this.names = names;
        bytes = config.segmentBytes();
        maxFiles = config.filesPerStream();
        this.disk = disk;
        this.wake = wake;
    }

    StreamId stream() {
        return stream;
    }

    /** For the event loop: a zeroed file, or null where none is ready. */
    MappedSegment poll() {
        MappedSegment next = ready.poll();
        if (next != null) {
            wake.run();
        }
        return next;
    }

    boolean isReady() {
        return !ready.isEmpty();
    }

    /** Whether it is the disk that keeps segments from being ready, and not only time. */
    boolean diskRefuses() {
        return diskRefuses;
    }

    void tellWhetherDiskRefuses(boolean refuses) {
        diskRefuses = refuses;
    }

    /** For who seals: the file's segment is sealed, nobody needs it any more. */
    void giveBack(MappedSegment file) {
        emptied.add(file);
        wake.run();
    }

    /** For the files thread: makes the next file where none is ready. */
    void prepare() throws IOException {
        if (ready.isEmpty() && files < maxFiles) {
            ready.add(MappedSegment.create(names.segment(nextName), bytes, disk));
            nextName++;
            files++;
        }
    }

    /**
     * For the files thread: zeroes what came back, or deletes it.
     *
     * @param keep whether files may be used again; poisoned ones never are
     */
    void recycle(boolean keep) throws IOException {
        MappedSegment file;
        while ((file = emptied.poll()) != null) {
            if (keep && !file.poisoned() && ready.size() < MAX_READY) {
                try {
                    file.recycle();
                    ready.add(file);
                    continue;
                } catch (IOException e) {
                    file.poison();
                    files--;
                    file.discard();
                    throw e;
                }
            }
            files--;
            file.discard();
        }
    }

    /** When the log is closed. */
    void discardAll() throws IOException {
        recycle(false);
        for (MappedSegment file = ready.poll(); file != null; file = ready.poll()) {
            file.discard();
        }
    }
}
