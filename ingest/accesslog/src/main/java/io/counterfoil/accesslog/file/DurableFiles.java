package io.counterfoil.accesslog.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/** Files that are there whole, and still there after power loss, or not at all. */
public final class DurableFiles {
    private static final int CHUNK_BYTES = 256 << 10;

    private DurableFiles() {}

    /**
     * Creates the file with these bytes: temporary file, sync, hard link, sync of the folder. A move would silently replace what
     * is there; a link fails.
     *
     * @return false where a file of that name is there already; it stays as it is
     */
    public static boolean create(Path file, byte[] bytes) throws IOException {
        Path folder = parent(file);
        Path temporary = temporary(file);
        try {
            write(temporary, bytes);
            try {
                Files.createLink(file, temporary);
            } catch (FileAlreadyExistsException e) {
                // Whoever made it may have died before its entry was synced; who finds it here relies on it.
                syncFolder(folder);
                return false;
            }
        } finally {
            Files.deleteIfExists(temporary);
        }
        syncFolder(folder);
        return true;
    }

    /** Puts these bytes in the file's place: temporary file, sync, atomic move, sync of the folder. */
    public static void replace(Path file, byte[] bytes) throws IOException {
        Path temporary = temporary(file);
        try {
            write(temporary, bytes);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
        syncFolder(parent(file));
    }

    /** Creates the folder and its missing parents, each synced into the one above it. */
    public static void createFolders(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        Path above = parent(folder);
        createFolders(above);
        try {
            Files.createDirectory(folder);
        } catch (FileAlreadyExistsException e) {
            // Another process made it just now, and may not have come to the next line.
        }
        syncFolder(above);
    }

    /** Makes what was written to the file outlast power loss. */
    public static void sync(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /** Makes the folder's entries, new and removed, outlast power loss. */
    public static void syncFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void write(Path file, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            // In pieces: the channel keeps a buffer outside the heap as large as the largest it was given.
            for (int at = 0; at < bytes.length; ) {
                at += channel.write(ByteBuffer.wrap(bytes, at, Math.min(CHUNK_BYTES, bytes.length - at)));
            }
            channel.force(true);
        }
    }

    private static Path temporary(Path file) {
        // Two processes may publish the same name at once: each has a temporary file of its own.
        String unique = Long.toHexString(ThreadLocalRandom.current().nextLong());
        return file.resolveSibling("." + file.getFileName() + "." + unique + ".tmp");
    }

    private static Path parent(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalArgumentException(file + " has no folder above it");
        }
        return parent;
    }
}
