package io.counterfoil.schedules.home;

import org.apache.commons.io.FileUtils;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The server of one home, driven by {@code initdb} and {@code pg_ctl}; used by the keeper alone, which holds its lock.
 *
 * <p>It syncs what it commits, listens on 127.0.0.1 only, has no socket file, and asks everybody for the home's password. As root it
 * runs in a user namespace, because Postgres refuses root.
 */
final class PostgresServer {
    private static final int START_ATTEMPTS = 3;
    private static final int CONNECT_SECONDS = 5;
    private static final List<String> SETTINGS = List.of(
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=on",
            "synchronous_commit=on",
            "timezone=UTC",
            "log_timezone=UTC",
            "max_connections=60");

    private final PostgresFiles files;
    private final PostgresPrograms programs;

    PostgresServer(PostgresFiles files, Path installation) {
        this.files = files;
        this.programs = new PostgresPrograms(installation, files);
    }

    /**
     * Takes over the server that a killed keeper left, or starts one, in a new database where there is none yet.
     *
     * @return its JDBC URL
     */
    String start() throws IOException, InterruptedException {
        Postmaster postmaster = Postmaster.of(files.data());
        if (postmaster.process().isPresent()) {
            String url = url(postmaster.port());
            if (accepts(url)) {
                return url;
            }
            stop();
        }
        postmaster.forgetOthers();
        if (!Files.isDirectory(files.data())) {
            initialise();
        } else if (!Files.exists(files.passwordFile())) {
            throw new IOException(files.passwordFile() + " is missing, expected the password of " + files.data());
        }
        for (int attempt = 1; ; attempt++) {
            int port = freePort();
            List<String> options = new ArrayList<>(List.of("-p", Integer.toString(port)));
            SETTINGS.forEach(setting -> options.addAll(List.of("-c", setting)));
            if (programs.run(
                            "pg_ctl",
                            "-D",
                            files.data().toString(),
                            "-w",
                            "-t",
                            "120",
                            "-o",
                            String.join(" ", options),
                            "start")
                    == 0) {
                return url(port);
            }
            if (attempt == START_ATTEMPTS) {
                throw new IOException("pg_ctl could not start the server");
            }
        }
    }

    /** Its process, empty where none runs. */
    Optional<ProcessHandle> process() throws IOException {
        return Postmaster.of(files.data()).process();
    }

    /** Stops it cleanly, ending its sessions; without mercy where that takes more than a minute. */
    void stop() throws IOException, InterruptedException {
        if (process().isPresent() && pgCtlStop("fast", "60") != 0) {
            pgCtlStop("immediate", "20");
        }
    }

    /** Whether the database is still there: somebody may have deleted the home under its server. */
    boolean hasData() {
        return Files.exists(files.data().resolve("global/pg_control"));
    }

    private int pgCtlStop(String mode, String seconds) throws IOException, InterruptedException {
        return programs.run("pg_ctl", "-D", files.data().toString(), "-w", "-t", seconds, "-m", mode, "stop");
    }

    private void initialise() throws IOException, InterruptedException {
        files.password();
        Path temporary = files.folder().resolve("data.tmp");
        FileUtils.deleteDirectory(temporary.toFile());
        int exit = programs.run(
                "initdb",
                "--pgdata=" + temporary,
                "--username=postgres",
                "--pwfile=" + files.passwordFile(),
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                // Iterations slow down guessing. Nobody guesses 256 random bits, and every connection pays for them.
                "--set=scram_iterations=64",
                "--no-instructions");
        if (exit != 0) {
            throw new IOException("initdb could not create the database");
        }
        Files.move(temporary, files.data(), StandardCopyOption.ATOMIC_MOVE);
    }

    private String url(int port) throws IOException {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres&password=" + files.password();
    }

    private static boolean accepts(String url) {
        DriverManager.setLoginTimeout(CONNECT_SECONDS);
        try (Connection connection = DriverManager.getConnection(url)) {
            return connection.isValid(CONNECT_SECONDS);
        } catch (SQLException e) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            return socket.getLocalPort();
        }
    }
}
