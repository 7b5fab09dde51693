package io.counterfoil.schedules.cli;

import io.counterfoil.schedules.runner.EdgeProcess;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import static org.assertj.core.api.Assertions.assertThat;

/** The command line as a process of its own, as the launcher starts it. */
public final class Cli {
    private static final Path EDGE =
            Path.of("../ingest/edge/target").toAbsolutePath().normalize();
    private static final long WAIT_SECONDS = 120;

    private final Path home;

    public Cli(Path home) {
        this.home = home;
    }

    /** What a command that ended printed. */
    public record Result(int exit, String out, String err) {}

    /** A command that runs. */
    public record Running(Process process, Path out, Path err) {
        public String output() throws IOException {
            return Files.readString(out, StandardCharsets.UTF_8);
        }

        public Result await() throws Exception {
            assertThat(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS))
                    .as("still running: " + output())
                    .isTrue();
            return new Result(process.exitValue(), output(), Files.readString(err, StandardCharsets.UTF_8));
        }
    }

    public Result run(String... arguments) throws Exception {
        return start(arguments).await();
    }

    public Running start(String... arguments) throws IOException {
        Path out = Files.createTempFile("cli", ".out");
        Path err = Files.createTempFile("cli", ".err");
        ProcessBuilder builder = process(arguments).redirectOutput(out.toFile()).redirectError(err.toFile());
        return new Running(builder.start(), out, err);
    }

    /** Not started yet, its output not redirected. */
    ProcessBuilder process(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(System.getProperty("counterfoil.test.jvm", "").split(" ")));
        command.add("-Xmx1g");
        command.add("-D" + EdgeProcess.CLASSPATH_PROPERTY + "=" + edgeClasspath());
        command.add("-cp");
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(Main.class.getName());
        command.add("--home=" + home);
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().remove(Counterfoil.DATABASE_VARIABLE);
        builder.environment().put("COUNTERFOIL_EDGE_ADMIN", "127.0.0.1:0");
        return builder;
    }

    /** The edge as Maven packaged it before these tests. */
    public static String edgeClasspath() throws IOException {
        try (var jars = Files.list(EDGE)) {
            Path jar = jars.filter(file -> file.toString().matches(".*/counterfoil-edge-[^/]*\\.jar"))
                    .filter(file -> !file.toString().contains("-tests"))
                    .findFirst()
                    .orElseThrow(
                            () -> new IllegalStateException("no edge in " + EDGE + ": run mvn verify from the top"));
            return jar + File.pathSeparator + EDGE.resolve("edge/lib") + "/*";
        }
    }

    /** Waits until it is so, at most two minutes. */
    public static void until(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still waiting until " + what).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
