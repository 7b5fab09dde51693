package io.counterfoil.accesslog.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * Space on the data folder's disk that nothing but a seal may have: a filled file that is deleted when a segment cannot be sealed
 * otherwise. The sealed segment's own file is deleted then too, which makes room for the reserve again.
 */
final class Reserve {
    private static final int SEAL_BYTES = 64 << 10;

    private final Path file;
    private final long bytes;
    private final Disk disk;
    private boolean there;
    /** A seal may still need the space that was given up. */
    private boolean needed;

    /** @param segmentBytes no segment is larger when compressed, but for a little */
    Reserve(Path folder, int segmentBytes, Disk disk) throws IOException {
        file = folder.resolve("reserve");
        bytes = (long) segmentBytes + SEAL_BYTES;
        this.disk = disk;
        there = Files.exists(file) && Files.size(file) == bytes;
    }

    /** True where there was something to give up. */
    synchronized boolean giveUp() {
        try {
            there = false;
            needed = true;
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            // The seal that asked for it fails again and says why.
            return false;
        }
    }

    synchronized boolean isThere() {
        return there;
    }

    /** What it was given up for is done. */
    synchronized void notNeeded() {
        needed = false;
    }

    /** Whether a new file takes nothing of what a seal may have: where the reserve is given up, the disk must hold both. */
    synchronized boolean leavesRoom() throws IOException {
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
        return there || Files.getFileStore(folder).getUsableSpace() >= 2 * bytes;
    }

    /** Fills it where it is missing and what it was given up for is done. */
    synchronized void restore() throws IOException {
        if (there || needed) {
            return;
        }
        Files.deleteIfExists(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            disk.zero(channel, 0, bytes);
            disk.force(channel);
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
        there = true;
    }
}
