package io.counterfoil.schedules.runner;

import io.counterfoil.edge.EdgeJvm;
import io.counterfoil.sql.OperatorException;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The edge as a process of its own, with its own libraries. It ends when this process does, however that ends: its standard input
 * closes then.
 */
public final class EdgeProcess implements AutoCloseable {
    /** System property: the edge's classpath; the launcher sets it. */
    public static final String CLASSPATH_PROPERTY = "counterfoil.edge.classpath";

    /** System property that holds the archive of the edge's classes; it starts without one too. */
    private static final String ARCHIVE_PROPERTY = "counterfoil.edge.archive";

    private static final String MAIN = "io.counterfoil.edge.EdgeMain";
    private static final long START_SECONDS = 60;
    private static final long STOP_SECONDS = 30;
    private static final long POLL_MILLIS = 20;

    private final Process process;
    private final Thread reader;
    private final Path readyFile;

    private EdgeProcess(Process process, Thread reader, Path readyFile) {
        this.process = process;
        this.reader = reader;
        this.readyFile = readyFile;
    }

    /**
     * Starts an edge; returns at once.
     *
     * @param arguments of the edge's own command line, without {@code --ready-file}
     * @param environment added to this process's own
     * @param readyFile written by the edge once it answers
     * @param lines what the edge has to say, line by line; called from another thread
     */
    public static EdgeProcess start(
            List<String> arguments,
            Map<String, String> environment,
            Path readyFile,
            String databaseUrl,
            Consumer<String> lines) {
        List<String> all = new ArrayList<>(List.of("--ready-file", readyFile.toString(), "--stop-with-parent"));
        all.addAll(arguments);
        Map<String, String> own = new HashMap<>(environment);
        own.put("COUNTERFOIL_DATABASE_URL", databaseUrl);
        try {
            Files.deleteIfExists(readyFile);
            Process process = launch(all, own);
            Thread reader = new Thread(() -> read(process, lines), "edge-output");
            reader.setDaemon(true);
            reader.start();
            return new EdgeProcess(process, reader, readyFile);
        } catch (IOException e) {
            throw OperatorException.down("edge cannot be started: " + e.getMessage(), e);
        }
    }

    /**
     * Runs an edge's command that ends by itself.
     *
     * @return its exit code
     */
    public static int run(List<String> arguments, Consumer<String> lines) throws InterruptedException {
        try {
            Process process = launch(arguments, Map.of());
            read(process, lines);
            return process.waitFor();
        } catch (IOException e) {
            throw OperatorException.down("edge cannot be started: " + e.getMessage(), e);
        }
    }

    private static Process launch(List<String> arguments, Map<String, String> environment) throws IOException {
        String classpath = System.getProperty(CLASSPATH_PROPERTY, "");
        if (classpath.isBlank()) {
            throw OperatorException.input("system property " + CLASSPATH_PROPERTY
                    + " is not set, expected the edge's jars; start through the launcher ./counterfoil");
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(EdgeJvm.flags());
        String archive = System.getProperty(ARCHIVE_PROPERTY, "");
        if (!archive.isBlank() && Files.isReadable(Path.of(archive))) {
            command.add("-XX:SharedArchiveFile=" + archive);
        }
        command.addAll(List.of("-cp", classpath, MAIN));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // Memory that native code takes stays in two arenas instead of eight a processor.
        builder.environment().putIfAbsent("MALLOC_ARENA_MAX", "2");
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static void read(Process process, Consumer<String> lines) {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.accept(line);
            }
        } catch (IOException e) {
            // The process has ended, and so has what it says.
            return;
        }
    }

    /** Waits until the edge answers; returns its {@code host:port}. */
    public String awaitReady() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (System.nanoTime() < deadline) {
            Optional<String> address = ready();
            if (address.isPresent()) {
                return address.get();
            }
            if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                reader.join(TimeUnit.SECONDS.toMillis(1));
                throw ended();
            }
        }
        throw OperatorException.down(
                "edge did not answer within " + START_SECONDS + " s; its last lines say why", null);
    }

    private Optional<String> ready() {
        try {
            return Files.exists(readyFile)
                    ? Optional.of(
                            Files.readString(readyFile, StandardCharsets.UTF_8).strip())
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Why an edge that should be there is not, in its own exit code's category. */
    public RuntimeException ended() {
        return ended(process.exitValue());
    }

    static RuntimeException ended(int code) {
        String message = "edge ended with exit code " + code + "; its last lines say why";
        return switch (code) {
            case 1 -> new IllegalStateException(message);
            case 2 -> OperatorException.input(message);
            case 3 -> OperatorException.corrupt(message);
            default -> OperatorException.down(message, null);
        };
    }

    /** Waits for the edge's end; returns its exit code. */
    public int await() throws InterruptedException {
        return process.waitFor();
    }

    /** Asks the edge to finish what is in flight, seal and ship, and waits for it. */
    @Override
    public void close() {
        // Through its handle: Process.destroy() would also close the pipes, and lose what the edge says while it stops.
        process.toHandle().destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                // What it logged stays; the next start seals it.
                process.destroyForcibly().waitFor();
            }
            reader.join(TimeUnit.SECONDS.toMillis(1));
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
