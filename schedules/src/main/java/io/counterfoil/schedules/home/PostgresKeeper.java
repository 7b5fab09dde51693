package io.counterfoil.schedules.home;

import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds a home's keeper or starts it, for a command that holds start.lock and users.lock. */
final class PostgresKeeper {
    // A server that recovers from power loss replays its log first: pg_ctl gives it two minutes.
    private static final long START_SECONDS = 150;
    private static final long POLL_MILLIS = 20;
    private static final long LOG_BYTES = 4L << 20;
    private static final int ATTEMPTS = 3;

    // A child of the command must not die by the terminal's Ctrl-C, or when the terminal closes: commands still use the
    // server then.
    private static final String DETACH =
            "trap '' INT HUP;" + " if command -v setsid >/dev/null 2>&1; then exec setsid \"$@\"; fi; exec \"$@\"";

    private final Home home;
    private final PostgresFiles files;
    private final Consumer<String> progress;

    PostgresKeeper(Home home, Consumer<String> progress) {
        this.home = home;
        this.files = PostgresFiles.of(home);
        this.progress = progress;
    }

    /** The JDBC URL of the running server. */
    String url() throws IOException, InterruptedException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Optional<String> url = files.keeperRuns() ? join() : start();
            if (url.isPresent()) {
                return url.get();
            }
        }
        throw unavailable("its keeper ended " + ATTEMPTS + " times before it announced a server", 0);
    }

    /** A keeper whose command was killed may still be starting. */
    private Optional<String> join() throws IOException, InterruptedException {
        return await(() -> {
            try {
                return files.keeperRuns();
            } catch (IOException e) {
                return false;
            }
        });
    }

    private Optional<String> start() throws IOException, InterruptedException {
        Path installation = PostgresBinaries.unpacked(home.binaries(), progress);
        boolean fresh = !Files.isDirectory(files.data());
        progress.accept(fresh ? "starting PostgreSQL in a new database" : "starting PostgreSQL");
        if (Files.exists(files.log()) && Files.size(files.log()) > LOG_BYTES) {
            Files.move(files.log(), files.log().resolveSibling("postgres.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
        long logged = Files.exists(files.log()) ? Files.size(files.log()) : 0;
        Process keeper = spawn(installation);
        Optional<String> url = await(keeper::isAlive);
        if (url.isEmpty() && keeper.waitFor() != 0) {
            throw unavailable("its keeper ended with exit code " + keeper.exitValue(), logged);
        }
        return url;
    }

    private Process spawn(Path installation) throws IOException {
        String classpath = Stream.of(System.getProperty("java.class.path").split(":"))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(":"));
        List<String> command = List.of(
                "/bin/sh",
                "-c",
                DETACH,
                "counterfoil-postgres-keeper",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx32m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-cp",
                classpath,
                PostgresKeeperMain.class.getName(),
                home.folder().toString(),
                installation.toString());
        return new ProcessBuilder(command)
                .directory(files.folder().toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(files.log().toFile()))
                .start();
    }

    private Optional<String> await(BooleanSupplier alive) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (true) {
            // Asked before the announcement is looked for: a keeper that announces and ends in between is seen.
            boolean runs = alive.getAsBoolean();
            Optional<String> url = files.announced().map(PostgresFiles.Announcement::jdbcUrl);
            if (url.isPresent() || !runs) {
                return url;
            }
            if (System.nanoTime() > deadline) {
                throw unavailable("no server was announced within " + START_SECONDS + " s", 0);
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    private OperatorException unavailable(String reason, long logged) {
        return OperatorException.down(
                "cannot start the embedded PostgreSQL of " + home.folder() + ": " + reason
                        + ServerLog.lastComplaint(files.log(), logged)
                                .map(line -> "; its log says: " + line)
                                .orElse("")
                        + "; see " + files.log()
                        + ", or pass a server of your own with --database or COUNTERFOIL_DATABASE_URL",
                null);
    }
}
