package io.counterfoil.edge.snapshot;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.snapshot.SnapshotRows;
import io.counterfoil.sql.snapshot.SnapshotSignal;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Keeps an edge's snapshot fresh, in a thread of its own: waits for a notification or the poll, loads what changed, verifies it,
 * swaps it in, keeps it on disk. While the database is down or sends what cannot be right, the last good one stays.
 */
public final class SnapshotRefresh implements AutoCloseable {
    private static final long FIRST_BACKOFF_MILLIS = 250;
    private static final long MAX_BACKOFF_MILLIS = 5_000;
    private static final long CLOSE_MILLIS = 2_000;

    private final SnapshotSource source;
    private final SnapshotFile file;
    private final Duration poll;
    private final InstantSource clock;
    private final Consumer<String> notices;
    private final CurrentSnapshot current;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "counterfoil-snapshot");
    private String lastRefusal = "";
    private boolean down;

    private SnapshotRefresh(
            SnapshotSource source,
            Path dataFolder,
            Duration poll,
            InstantSource clock,
            Consumer<String> notices,
            Snapshot first) {
        this.source = source;
        this.file = new SnapshotFile(dataFolder);
        this.poll = poll;
        this.clock = clock;
        this.notices = notices;
        this.current = new CurrentSnapshot(first);
        thread.setDaemon(true);
    }

    /**
     * Asks for nothing but an answer, where no snapshot is on disk: an edge that cannot start must not begin an epoch of its log.
     *
     * @throws OperatorException category DOWN where the database cannot be read
     */
    public static void requireReachableIfNew(SnapshotSource source, Path dataFolder) {
        if (!new SnapshotFile(dataFolder).exists()) {
            source.changesSince(Long.MAX_VALUE);
        }
    }

    /**
     * Loads the first snapshot: the one on disk brought up to date, or as it is where the database is down. Where there is none on
     * disk the edge is new: it goes on the roster first, so that its hours are waited for, and must reach the database.
     *
     * @param dataFolder held by this process
     * @throws OperatorException category DOWN where a new edge cannot reach the database, CORRUPT where the file on disk is
     */
    public static SnapshotRefresh open(
            SnapshotSource source, Path dataFolder, Duration poll, InstantSource clock, Consumer<String> notices)
            throws IOException {
        Optional<Snapshot> kept = new SnapshotFile(dataFolder).read();
        SnapshotRefresh refresh =
                new SnapshotRefresh(source, dataFolder, poll, clock, notices, kept.orElse(Snapshot.EMPTY));
        try {
            source.register();
            refresh.load(kept.isEmpty());
        } catch (OperatorException e) {
            if (kept.isEmpty() || e.category() != OperatorException.Category.DOWN) {
                throw e;
            }
            refresh.down = true;
            notices.accept("database is down, serving by snapshot version "
                    + kept.get().version() + " from disk: " + e.getMessage());
        }
        if (kept.isEmpty() && refresh.current.get().version() == 0) {
            throw OperatorException.corrupt("the first snapshot cannot be used: " + refresh.lastRefusal
                    + "; mend the database and start again");
        }
        return refresh;
    }

    public CurrentSnapshot current() {
        return current;
    }

    public void start() {
        thread.start();
    }

    private void run() {
        long backoff = FIRST_BACKOFF_MILLIS;
        while (closing.getCount() > 0) {
            try (SnapshotSignal signal = source.listen()) {
                source.register();
                load(false);
                backoff = FIRST_BACKOFF_MILLIS;
                while (closing.getCount() > 0) {
                    signal.await(poll);
                    load(false);
                }
            } catch (OperatorException e) {
                goDown(e.getMessage());
            } catch (RuntimeException e) {
                // A defect must not leave the edge with a snapshot that never changes again and nobody told.
                goDown("unexpected: " + e);
            }
            backoff = pause(backoff);
        }
    }

    private long pause(long backoff) {
        try {
            if (closing.await(backoff, TimeUnit.MILLISECONDS)) {
                return backoff;
            }
        } catch (InterruptedException e) {
            closing.countDown();
        }
        return Math.min(MAX_BACKOFF_MILLIS, backoff * 2);
    }

    private void goDown(String reason) {
        if (!down && closing.getCount() > 0) {
            notices.accept("snapshot cannot be refreshed, serving on by version "
                    + current.get().version() + ": " + reason);
        }
        down = true;
    }

    /** Loads once; a snapshot that cannot be right is told once and left. */
    private void load(boolean full) {
        Snapshot old = current.get();
        SnapshotRows rows = source.changesSince(full ? 0 : old.version());
        if (down) {
            down = false;
            notices.accept("snapshot is refreshed again, version " + rows.version());
        }
        if (rows.version() == old.version()) {
            return;
        }
        Instant now = clock.instant();
        Snapshot next;
        try {
            next = SnapshotChange.apply(old, rows, full, now);
        } catch (SnapshotRefusedException e) {
            refuse(rows.version(), old.version(), e);
            return;
        }
        lastRefusal = "";
        current.set(next);
        if (old.version() > 0) {
            SnapshotNews.lines(old, next, now).forEach(notices);
        }
        keep(next);
    }

    private void refuse(long version, long inUse, SnapshotRefusedException e) {
        String refusal =
                "ALARM snapshot version " + version + " is refused, version " + inUse + " stays: " + e.getMessage();
        if (!refusal.equals(lastRefusal)) {
            notices.accept(refusal);
        }
        lastRefusal = refusal;
    }

    private void keep(Snapshot snapshot) {
        try {
            file.write(snapshot);
        } catch (IOException e) {
            notices.accept("snapshot version " + snapshot.version()
                    + " is in use, but cannot be kept on disk for the next start: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            thread.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
