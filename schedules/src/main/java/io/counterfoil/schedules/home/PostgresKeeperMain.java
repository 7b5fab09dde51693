package io.counterfoil.schedules.home;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The process that owns a home's Postgres: starts it, announces it, and stops it when its last user is gone, however that one ended.
 *
 * <p>Arguments: the home, the folder of the unpacked Postgres. Exit code 0 also where another keeper is there already.
 *
 * <p>From the moment it holds users.lock exclusively no command can begin to use the server: one that comes now waits for that lock,
 * gets it when this process has ended, and starts the next keeper.
 */
final class PostgresKeeperMain {
    private final PostgresFiles files;
    private final PostgresServer server;
    private volatile Optional<ProcessHandle> process = Optional.empty();

    private PostgresKeeperMain(Path home, Path installation) {
        this.files = PostgresFiles.of(Home.at(home));
        this.server = new PostgresServer(files, installation);
    }

    public static void main(String[] args) throws InterruptedException {
        try {
            new PostgresKeeperMain(Path.of(args[0]), Path.of(args[1])).keep();
        } catch (IOException e) {
            System.err.println("keeper: " + e.getMessage());
            System.exit(1);
        }
    }

    @SuppressWarnings("try") // a lock is held, not used
    private void keep() throws IOException, InterruptedException {
        Optional<ProcessLock> alone = ProcessLock.tryExclusive(files.keeperLock());
        if (alone.isEmpty()) {
            return;
        }
        try (ProcessLock held = alone.get()) {
            // SIGTERM, as at the machine's shutdown: the locks are the kernel's to drop, after this.
            Runtime.getRuntime().addShutdownHook(new Thread(this::stopQuietly, "stop-postgres"));
            String url = server.start();
            // A server that ends by itself must not stay announced; the next command starts another keeper.
            ProcessHandle started =
                    server.process().orElseThrow(() -> new IOException("the server ended as soon as it had started"));
            process = Optional.of(started);
            CompletableFuture<Void> unused = started.onExit().thenRun(() -> System.exit(1));
            files.announce(
                    new PostgresFiles.Announcement(url, ProcessHandle.current().pid()));
            try (ProcessLock nobodyElse = ProcessLock.exclusive(files.usersLock())) {
                stop();
            }
        }
    }

    private void stopQuietly() {
        try {
            stop();
        } catch (IOException e) {
            System.err.println("keeper: cannot stop the server of " + files.data() + ": " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void stop() throws IOException, InterruptedException {
        try {
            Files.deleteIfExists(files.urlFile());
            if (server.hasData()) {
                server.stop();
            }
        } finally {
            // Whoever deleted the home under its server has left pg_ctl nothing to find it by, and nothing to save.
            if (!server.hasData()) {
                process.ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }
}
