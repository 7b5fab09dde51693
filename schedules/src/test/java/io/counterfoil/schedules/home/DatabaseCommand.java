package io.counterfoil.schedules.home;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A command in its own process, which uses a home's database from its start until it is told to end. */
final class DatabaseCommand implements AutoCloseable {
    private static final int END_SECONDS = 20;

    private final Process process;
    private final BufferedReader output;

    private DatabaseCommand(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
    }

    /** The process: opens, prints the URL, waits for the end of its input, closes. */
    public static void main(String[] args) throws IOException {
        Home home = new Home(Path.of(args[0]), Path.of(args[1]));
        try (Database database = Database.open(home, Optional.empty(), step -> {})) {
            System.out.println(database.jdbcUrl());
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }

    static DatabaseCommand start(Home home) throws IOException {
        return new DatabaseCommand(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        DatabaseCommand.class.getName(),
                        home.folder().toString(),
                        home.binaries().toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Waits until it uses the database. */
    String jdbcUrl() throws IOException {
        return Optional.ofNullable(output.readLine()).orElseThrow(() -> new AssertionError("it ended without a URL"));
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Tells it to end, and waits for that. */
    @Override
    public void close() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("it did not end within " + END_SECONDS + " s");
        }
    }
}
