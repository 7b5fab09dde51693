package io.counterfoil.schedules.home;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What {@code postmaster.pid} says about a data folder's server, checked against the processes that run.
 *
 * @param pid 0 where there is no such file
 * @param port 0 where it names none yet
 */
record Postmaster(Path pidFile, long pid, int port) {
    private static final int PORT_LINE = 3;

    static Postmaster of(Path data) throws IOException {
        Path file = data.resolve("postmaster.pid");
        try {
            List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
            int port = lines.size() > PORT_LINE
                    ? Integer.parseInt(lines.get(PORT_LINE).strip())
                    : 0;
            return new Postmaster(
                    file, lines.isEmpty() ? 0 : Long.parseLong(lines.get(0).strip()), port);
        } catch (NoSuchFileException e) {
            return new Postmaster(file, 0, 0);
        } catch (NumberFormatException e) {
            throw new IOException(file + " is not a postmaster.pid of PostgreSQL: " + e.getMessage(), e);
        }
    }

    /** Its process: empty where it ended, also where its number has since gone to another program, or waits to be reaped. */
    Optional<ProcessHandle> process() {
        return ProcessHandle.of(pid)
                .filter(process -> process.info()
                        .command()
                        .map(command ->
                                Path.of(command).getFileName().toString().startsWith("postgres"))
                        .orElse(false));
    }

    /**
     * Deletes the file where its number belongs to another program, which Postgres would take for a running server. Where nothing
     * has that number the file stays: by it Postgres sees whether children of a killed server still live.
     */
    void forgetOthers() throws IOException {
        if (ProcessHandle.of(pid).isPresent() && process().isEmpty()) {
            Files.deleteIfExists(pidFile);
        }
    }
}
