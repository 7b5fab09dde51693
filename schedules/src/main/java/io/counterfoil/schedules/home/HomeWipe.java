package io.counterfoil.schedules.home;

import io.counterfoil.sql.OperatorException;
import org.apache.commons.io.file.PathUtils;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Empties a home that no command uses. */
final class HomeWipe {
    private static final long STOP_SECONDS = 90;
    private static final long POLL_MILLIS = 20;

    private HomeWipe() {}

    @SuppressWarnings("try") // a lock is held, not used
    static void wipe(Home home) {
        PostgresFiles files = PostgresFiles.of(home);
        try (ProcessLock start = ProcessLock.exclusive(files.startLock())) {
            awaitNoKeeper(home, files);
            // A keeper that was killed left its server.
            if (Postmaster.of(files.data()).process().isPresent()) {
                new PostgresServer(files, PostgresBinaries.unpacked(home.binaries(), progress -> {})).stop();
            }
            delete(home.folder(), List.of(files.startLock(), files.usersLock(), files.keeperLock()));
        } catch (IOException e) {
            throw OperatorException.down("cannot empty " + home.folder() + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw OperatorException.down("interrupted while " + home.folder() + " is emptied", e);
        }
    }

    /** The last command's keeper may still be stopping. */
    private static void awaitNoKeeper(Home home, PostgresFiles files) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS);
        while (true) {
            if (used(files)) {
                throw OperatorException.input("cannot empty " + home.folder()
                        + ": another command uses its database; let that one end, or pass another --home");
            }
            if (!files.keeperRuns()) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw OperatorException.down(
                        "the embedded PostgreSQL of " + home.folder() + " did not stop within " + STOP_SECONDS
                                + " s; see " + files.log(),
                        null);
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    /** Whether commands hold users.lock. A keeper that holds it is no user. */
    private static boolean used(PostgresFiles files) throws IOException {
        Optional<ProcessLock> nobody = ProcessLock.tryExclusive(files.usersLock());
        if (nobody.isPresent()) {
            nobody.get().close();
            return false;
        }
        Optional<ProcessLock> alsoShared = ProcessLock.tryShared(files.usersLock());
        if (alsoShared.isPresent()) {
            alsoShared.get().close();
        }
        return alsoShared.isPresent();
    }

    private static void delete(Path folder, List<Path> kept) throws IOException {
        List<Path> entries;
        try (Stream<Path> all = Files.list(folder)) {
            entries = all.toList();
        }
        for (Path entry : entries) {
            if (kept.stream().anyMatch(each -> each.startsWith(entry) && !each.equals(entry))) {
                delete(entry, kept);
            } else if (!kept.contains(entry)) {
                PathUtils.delete(entry);
            }
        }
    }
}
