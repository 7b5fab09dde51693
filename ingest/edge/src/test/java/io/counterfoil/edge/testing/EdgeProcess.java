package io.counterfoil.edge.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** An edge as users run it: a process of its own. */
public final class EdgeProcess implements AutoCloseable {
    private static final long EXIT_SECONDS = 60;

    private final Process process;
    private final Path output;
    private final Path ready;

    /** @param folder holds {@code edge.yaml}; also takes the output of every process started here */
    public EdgeProcess(Path folder, Map<String, String> environment, String... arguments) throws IOException {
        ready = folder.resolve("ready");
        output = folder.resolve("output.txt");
        Files.deleteIfExists(ready);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                "io.counterfoil.edge.EdgeMain",
                "--config",
                folder.resolve("edge.yaml").toString(),
                "--ready-file",
                ready.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        // Each its own, whatever else runs on the machine.
        builder.environment().put("COUNTERFOIL_EDGE_ADMIN", "127.0.0.1:0");
        builder.environment().putAll(environment);
        process = builder.start();
    }

    /** Waits until it answers; returns where. */
    public String address() throws Exception {
        Until.isTrue("the edge answers", () -> Files.exists(ready) || !process.isAlive());
        if (!process.isAlive()) {
            throw new AssertionError("the edge ended: " + output());
        }
        return Files.readString(ready).strip();
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** SIGHUP. */
    public void hangUp() throws Exception {
        int code = new ProcessBuilder("kill", "-HUP", Long.toString(process.pid()))
                .start()
                .waitFor();
        if (code != 0) {
            throw new AssertionError("kill ended with " + code);
        }
    }

    public int exitCode() throws InterruptedException {
        if (!process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the edge did not end within " + EXIT_SECONDS + " s");
        }
        return process.exitValue();
    }

    /** What every process of the folder has written. */
    public String output() throws IOException {
        return Files.readString(output);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
