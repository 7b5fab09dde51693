package io.counterfoil.edge.snapshot;

import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Keeps an edge's snapshot fresh, in a thread of its own: waits for a notification or the poll, then has what changed loaded. While
 * the database is down or sends what cannot be right, the last good one stays.
 */
public final class SnapshotRefresh implements AutoCloseable {
    private static final long FIRST_BACKOFF_MILLIS = 250;
    private static final long MAX_BACKOFF_MILLIS = 5_000;
    private static final long CLOSE_MILLIS = 2_000;

    private final SnapshotSource source;
    private final SnapshotLoad load;
    private final Duration poll;
    private final Consumer<String> notices;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "counterfoil-snapshot");
    private volatile boolean down;
    private volatile boolean asked;

    private SnapshotRefresh(SnapshotSource source, SnapshotLoad load, Duration poll, Consumer<String> notices) {
        this.source = source;
        this.load = load;
        this.poll = poll;
        this.notices = notices;
        thread.setDaemon(true);
    }

    /**
     * Asks for nothing but an answer, where no snapshot is on disk: an edge that cannot start must not begin an epoch of its log.
     *
     * @throws OperatorException category DOWN where the database cannot be read
     */
    public static void requireReachableIfNew(SnapshotSource source, Path dataFolder) {
        if (!new SnapshotFile(dataFolder).exists()) {
            source.requireReachable();
        }
    }

    /** As {@link #open(SnapshotSource, SnapshotSettings, InstantSource, Consumer)}; nothing is accepted. */
    public static SnapshotRefresh open(
            SnapshotSource source, Path dataFolder, Duration poll, InstantSource clock, Consumer<String> notices)
            throws IOException {
        return open(source, new SnapshotSettings(dataFolder, poll, OptionalLong.empty()), clock, notices);
    }

    /**
     * Loads the first snapshot. Where a good one is on disk it is taken as it is, so that the edge can answer at once; the thread
     * brings it up to date as soon as it is started. Where there is none the edge is new: it goes on the roster, so that its hours
     * are waited for, and must reach the database. A corrupt one on disk is alarmed and loaded anew.
     *
     * @throws OperatorException category DOWN where a new edge cannot reach the database, CORRUPT where the file on disk is corrupt
     *     and the database is down, or the first snapshot cannot be right
     */
    public static SnapshotRefresh open(
            SnapshotSource source, SnapshotSettings settings, InstantSource clock, Consumer<String> notices)
            throws IOException {
        SnapshotLoad load = new SnapshotLoad(settings, clock, notices);
        SnapshotRefresh refresh = new SnapshotRefresh(source, load, settings.poll(), notices);
        String corrupt = "";
        try {
            load.readFile();
        } catch (OperatorException e) {
            corrupt = e.getMessage();
        }
        if (load.current().get().version() > 0) {
            return refresh;
        }
        try (SnapshotSession session = source.connect()) {
            refresh.loadAndRegister(session);
            refresh.asked = true;
        } catch (OperatorException e) {
            throw corrupt.isEmpty() ? e : OperatorException.corrupt(corrupt + " (" + e.getMessage() + ")");
        }
        if (load.current().get().version() == 0) {
            throw OperatorException.corrupt(
                    "the first snapshot cannot be used: " + load.lastRefusal() + "; mend the database and start again");
        }
        if (!corrupt.isEmpty()) {
            notices.accept("ALARM " + corrupt + ": done, version "
                    + load.current().get().version() + " was loaded from the database");
        }
        return refresh;
    }

    public CurrentSnapshot current() {
        return load.current();
    }

    /** Whether the database has been asked since the start, with whatever result. */
    public boolean hasAsked() {
        return asked;
    }

    /** What the thread does first, for tests that want it done; nothing where it has been done. */
    void askOnce() {
        if (asked) {
            return;
        }
        try (SnapshotSession session = source.connect()) {
            loadAndRegister(session);
            asked = true;
        } catch (OperatorException e) {
            goDown(e.getMessage());
        }
    }

    /** How fresh flags were; from any thread. */
    public FlagAges flagAges() {
        return load.flagAges();
    }

    /** As of now; from any thread. */
    public SnapshotStats stats() {
        return load.stats(down);
    }

    public void start() {
        thread.start();
    }

    private void run() {
        long backoff = FIRST_BACKOFF_MILLIS;
        while (closing.getCount() > 0) {
            try (SnapshotSession session = source.connect()) {
                loadAndRegister(session);
                asked = true;
                backoff = FIRST_BACKOFF_MILLIS;
                while (closing.getCount() > 0) {
                    session.await(poll);
                    load.load(session);
                }
            } catch (OperatorException e) {
                goDown(e.getMessage());
            } catch (RuntimeException | Error e) {
                // A defect, or too little memory, must not leave the edge with a snapshot that never changes again and
                // nobody told.
                goDown("unexpected: " + e);
            }
            backoff = pause(backoff);
        }
    }

    /** Only a database that is this edge's own gets it on its roster. */
    private void loadAndRegister(SnapshotSession session) {
        boolean own = load.load(session);
        if (own) {
            session.register();
        }
        if (down) {
            down = false;
            notices.accept("snapshot is refreshed again, version "
                    + load.current().get().version());
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
                    + load.current().get().version() + ": " + reason);
        }
        down = true;
        asked = true;
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
