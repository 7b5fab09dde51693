package io.counterfoil.schedules.home;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A lock between processes; the kernel lets go of it when its holder ends, however it ends.
 *
 * <p>It belongs to the process: closing any other channel on the same file in this JVM would drop it as well, so no JVM opens one
 * file's lock twice. Lock files are never deleted, since waiters would be left on the deleted one.
 */
final class ProcessLock implements AutoCloseable {
    private final FileChannel channel;

    private ProcessLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Waits until no other process holds it in either way. */
    static ProcessLock exclusive(Path file) throws IOException {
        return wait(file, false);
    }

    /** Waits while another process holds it exclusively. */
    static ProcessLock shared(Path file) throws IOException {
        return wait(file, true);
    }

    static Optional<ProcessLock> tryExclusive(Path file) throws IOException {
        return attempt(file, false);
    }

    static Optional<ProcessLock> tryShared(Path file) throws IOException {
        return attempt(file, true);
    }

    private static ProcessLock wait(Path file, boolean shared) throws IOException {
        FileChannel channel = open(file);
        try {
            // The channel holds it: closing the one releases the other.
            FileLock unused = channel.lock(0, Long.MAX_VALUE, shared);
            return new ProcessLock(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static Optional<ProcessLock> attempt(Path file, boolean shared) throws IOException {
        FileChannel channel = open(file);
        FileLock lock = channel.tryLock(0, Long.MAX_VALUE, shared);
        if (lock != null) {
            return Optional.of(new ProcessLock(channel));
        }
        channel.close();
        return Optional.empty();
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
