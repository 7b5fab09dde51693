package io.counterfoil.schedules.home;

import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * This process's share in the servers of its homes.
 *
 * <p>The locks belong to the process, so what of them is held is one map for the process: a home opened twice in one JVM holds
 * users.lock once.
 */
final class SharedPostgres {
    private static final Map<Path, Share> SHARES = new HashMap<>();

    private static final class Share {
        private final ProcessLock users;
        private int count;

        Share(ProcessLock users) {
            this.users = users;
        }
    }

    private SharedPostgres() {}

    /** Finds or starts the home's server and keeps it running until {@link #leave}. Returns its JDBC URL. */
    @SuppressWarnings("try") // a lock is held, not used
    static String join(Home home, Consumer<String> progress) {
        PostgresFiles files = PostgresFiles.of(home);
        synchronized (SHARES) {
            try (ProcessLock start = startLock(files, progress)) {
                Share share = SHARES.get(home.folder());
                if (share == null) {
                    // Waits while a keeper that found no user stops its server and ends.
                    share = new Share(ProcessLock.shared(files.usersLock()));
                    SHARES.put(home.folder(), share);
                }
                share.count++;
                boolean joined = false;
                try {
                    String url = new PostgresKeeper(home, progress).url();
                    joined = true;
                    return url;
                } finally {
                    if (!joined) {
                        leave(home);
                    }
                }
            } catch (IOException e) {
                throw OperatorException.down(
                        "cannot start the embedded PostgreSQL of " + home.folder() + ": " + e
                                + "; expected a folder this user" + " may write to, with room for 300 MB",
                        e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw OperatorException.down(
                        "interrupted while the embedded PostgreSQL of " + home.folder()
                                + " starts; run the command again",
                        e);
            }
        }
    }

    static void leave(Home home) {
        synchronized (SHARES) {
            Share share = SHARES.get(home.folder());
            share.count--;
            if (share.count == 0) {
                SHARES.remove(home.folder());
                try {
                    share.users.close();
                } catch (IOException e) {
                    throw OperatorException.down("cannot let go of the database of " + home.folder() + ": " + e, e);
                }
            }
        }
    }

    /** Runs this where no command uses the home's server, and keeps this process's from beginning to. */
    static void whileUnused(Home home, Runnable action) {
        synchronized (SHARES) {
            if (SHARES.containsKey(home.folder())) {
                throw new IllegalStateException(
                        "this process uses the database of " + home.folder() + ", close it first");
            }
            action.run();
        }
    }

    private static ProcessLock startLock(PostgresFiles files, Consumer<String> progress) throws IOException {
        var free = ProcessLock.tryExclusive(files.startLock());
        if (free.isPresent()) {
            return free.get();
        }
        progress.accept("waiting for the command that starts PostgreSQL");
        return ProcessLock.exclusive(files.startLock());
    }
}
