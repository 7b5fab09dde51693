package io.counterfoil.jobs.export;

import io.counterfoil.accesslog.file.DurableFiles;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file that takes its name once it is whole and on disk. What stood under that name goes, its manifest first. Callers have the
 * {@link ExportLock} of the name.
 */
final class NewFile {
    private NewFile() {}

    /** Writes the content; the stream is buffered and closed by the caller of this. */
    @FunctionalInterface
    interface Content {
        void to(OutputStream out) throws IOException;
    }

    static WholeFile write(Path target, Content content) throws IOException {
        return write(target, content, NewFile::place);
    }

    /**
     * Where the very same bytes are there already, nothing is done.
     *
     * @throws FileAlreadyExistsException where the name is taken by anything else: that stays, and its manifest
     */
    static WholeFile create(Path target, Content content) throws IOException {
        return write(target, content, (written, name) -> {
            if (Files.exists(name, LinkOption.NOFOLLOW_LINKS)) {
                if (!Files.isRegularFile(name) || Files.mismatch(name, written) >= 0) {
                    throw new FileAlreadyExistsException(name.toString());
                }
                // Whoever wrote it may have died before it was sure to stay.
                DurableFiles.sync(name);
                DurableFiles.syncFolder(name.toAbsolutePath().getParent());
                return;
            }
            // Left of a file that somebody took away.
            Manifest.remove(name);
            // A move would silently replace what came there meanwhile; a link fails.
            Files.createLink(name, written);
            DurableFiles.syncFolder(name.toAbsolutePath().getParent());
        });
    }

    private interface Placing {
        void place(Path written, Path target) throws IOException;
    }

    private static WholeFile write(Path target, Content content, Placing placing) throws IOException {
        // Two processes may write the same name at once: each has a temporary file of its own.
        String unique = Long.toHexString(ThreadLocalRandom.current().nextLong());
        Path temporary = target.resolveSibling("." + target.getFileName() + "." + unique + ".tmp");
        try {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary), 1 << 18)) {
                content.to(out);
            }
            DurableFiles.sync(temporary);
            WholeFile whole = WholeFile.of(temporary);
            placing.place(temporary, target);
            return whole;
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** @param written synced */
    static void place(Path written, Path target) throws IOException {
        Manifest.remove(target);
        Files.move(written, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        DurableFiles.syncFolder(target.toAbsolutePath().getParent());
    }
}
