package io.counterfoil.edge.feed;

import io.counterfoil.edge.snapshot.Snapshot;
import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.snapshot.SnapshotRows.Head;
import io.counterfoil.sql.snapshot.SnapshotStore;
import org.apache.commons.io.output.DeferredFileOutputStream;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * Reads what changed into memory, or where it is much into a file, before any of it is sent: a reader that is slow holds no transaction
 * open, and one gets all of it or nothing. Blocking; thread-safe.
 */
final class FeedSpool {
    private static final int MEMORY_BYTES = 1 << 20;
    private static final Duration SILENCE = Duration.ofSeconds(60);

    private final SnapshotStore store;
    private final InstantSource clock;
    private final Path folder;
    private final Consumer<String> notices;
    private volatile boolean down;

    /** @param folder of its own; what lies in it is deleted */
    FeedSpool(String jdbcUrl, InstantSource clock, Path folder, Consumer<String> notices) {
        this.store = new SnapshotStore(DatabaseAccess.jdbi(DatabaseAccess.dataSource(jdbcUrl, SILENCE)));
        this.clock = clock;
        this.folder = folder;
        this.notices = notices;
        clear(folder);
    }

    private static void clear(Path folder) {
        try {
            Files.createDirectories(folder);
            try (var files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw OperatorException.input("folder " + folder + " of the feed cannot be used: " + e.getMessage()
                    + "; see who owns the data folder");
        }
    }

    /**
     * What was read; to be deleted.
     *
     * @param head of what the database has
     * @param taken what this edge had when it was read; where the two are not of one version, there is nothing in it
     */
    record Spooled(DeferredFileOutputStream out, Head head, Snapshot taken) {
        boolean isTaken() {
            return isOfOneDatabase() && head.version() == taken.version();
        }

        /** Whether the database has what this edge is about to take, or refuses. */
        boolean isAhead() {
            return isOfOneDatabase() && head.version() > taken.version();
        }

        private boolean isOfOneDatabase() {
            return head.database().equals(taken.database());
        }
    }

    /**
     * Reads what changed since.
     *
     * @throws IOException where the disk takes no more
     * @throws RuntimeException where the database cannot be read; it is told once
     */
    Spooled read(long since, Snapshot taken) throws IOException {
        DeferredFileOutputStream out = DeferredFileOutputStream.builder()
                .setThreshold(MEMORY_BYTES)
                .setPrefix("snapshot")
                .setSuffix(".json")
                .setDirectory(folder)
                .get();
        try {
            FeedWriter writer = new FeedWriter(out, since, taken);
            try (writer) {
                if (since == taken.version()) {
                    // What the database may have beyond it is not for others before this edge has taken it.
                    writer.head(new Head(taken.database(), taken.version(), 0));
                } else {
                    store.read(since, clock.instant(), writer);
                    tellUp();
                }
            }
            return new Spooled(out, writer.head().orElseThrow(), taken);
        } catch (IOException | RuntimeException e) {
            delete(out);
            tellDown(e);
            throw e;
        }
    }

    void delete(DeferredFileOutputStream out) {
        if (!out.isInMemory()) {
            try {
                out.close();
                Files.deleteIfExists(out.getFile().toPath());
            } catch (IOException e) {
                notices.accept("feed cannot delete " + out.getFile() + ": " + e.getMessage());
            }
        }
    }

    private synchronized void tellDown(Exception e) {
        if (!down) {
            notices.accept("feed cannot read the snapshot, its readers keep theirs: "
                    + String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString()));
        }
        down = true;
    }

    private synchronized void tellUp() {
        if (down) {
            notices.accept("feed reads the snapshot again");
        }
        down = false;
    }
}
