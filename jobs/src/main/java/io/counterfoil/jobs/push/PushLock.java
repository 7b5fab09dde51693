package io.counterfoil.jobs.push;

import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/** A lock on a file, with its holder's process in it. The system lets go of it when that ends, however it ends. */
final class PushLock implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(20);

    private final FileChannel channel;

    private PushLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws OperatorException category DOWN where another holds it for so long, or it cannot be made */
    static PushLock take(Path file, Duration wait) {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                await(channel, file, wait);
                channel.truncate(0);
                channel.write(ByteBuffer.wrap(
                        ("process " + ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
                return new PushLock(channel);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw OperatorException.down(
                    "lock " + file + " cannot be taken (" + e
                            + "); its folder must exist and be writable for this user",
                    e);
        }
    }

    private static void await(FileChannel channel, Path file, Duration wait) throws IOException {
        long end = System.nanoTime() + wait.toNanos();
        while (!isTaken(channel)) {
            if (System.nanoTime() > end) {
                throw OperatorException.down(
                        "lock " + file + " is held by " + Files.readString(file).strip()
                                + ", expected to be free within " + wait.toSeconds()
                                + " s; see what that waits for, or end it",
                        null);
            }
            PushFlagsJob.park(POLL.toNanos());
        }
    }

    private static boolean isTaken(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            // Held by another thread of this process.
            return false;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // The descriptor is gone, and the lock with it.
            return;
        }
    }
}
