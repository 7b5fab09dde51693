package io.counterfoil.jobs.export;

import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The right to write {@code FILE}, its manifest and whatever is needed on the way, held from before the first of them to behind the last. It
 * ends with the process, however that ends.
 *
 * <p>The empty file {@code FILE.lock} stays: were it removed, who had opened it before would lock a file that has no name any more,
 * beside who locks the next one of that name.
 */
final class ExportLock implements AutoCloseable {
    private final FileChannel channel;

    private ExportLock(FileChannel channel) {
        this.channel = channel;
    }

    static Path beside(Path file) {
        return file.resolveSibling(file.getFileName() + ".lock");
    }

    /** @throws OperatorException category INPUT where another export writes the same file; it is not waited for */
    static ExportLock of(Path target) throws IOException {
        FileChannel channel = FileChannel.open(beside(target), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (!locked(channel)) {
                throw OperatorException.input(
                        "another export writes " + target + " just now; wait for its end, or give another --out");
            }
            return new ExportLock(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
