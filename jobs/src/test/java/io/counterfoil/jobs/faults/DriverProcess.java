package io.counterfoil.jobs.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** A rollup's driver in a JVM of its own, as spark-submit would run it. */
final class DriverProcess implements AutoCloseable {
    private static final int SECONDS = 90;

    private final Process process;
    private final Path out;
    private final Path err;

    private DriverProcess(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** How it ended. */
    record Ended(int exit, String out, String err) {}

    /**
     * Starts {@code rollup --json}.
     *
     * @param scratch a folder for what it writes
     * @param jvm further flags of its JVM
     */
    static DriverProcess start(Path scratch, Path landing, String databaseUrl, String... jvm) throws IOException {
        Files.createDirectories(scratch);
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(System.getProperty("counterfoil.test.jvm", "").split(" ")));
        command.addAll(List.of(
                "-Xmx512m",
                // It lives for seconds.
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dspark.master=local[2]",
                "-Dspark.ui.enabled=false",
                "-Dspark.driver.host=127.0.0.1",
                "-Dspark.driver.bindAddress=127.0.0.1",
                "-Dspark.local.dir=" + scratch,
                "-Dspark.sql.warehouse.dir=" + scratch.resolve("warehouse")));
        command.addAll(List.of(jvm));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.counterfoil.jobs.JobMain"));
        command.addAll(List.of("rollup", "--json", "--landing", landing.toString()));
        Path out = scratch.resolve("out");
        Path err = scratch.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(scratch.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("SPARK_") || name.startsWith("COUNTERFOIL_"));
        builder.environment().put("COUNTERFOIL_DATABASE_URL", databaseUrl);
        return new DriverProcess(builder.start(), out, err);
    }

    /** As kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** It stands still, its connections stay open. */
    void freeze() throws Exception {
        signal("-STOP");
    }

    void thaw() throws Exception {
        signal("-CONT");
    }

    private void signal(String signal) throws Exception {
        Process kill = new ProcessBuilder("kill", signal, Long.toString(process.pid())).start();
        assertThat(kill.waitFor()).as("kill " + signal).isZero();
    }

    Ended end() throws Exception {
        assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS))
                .as("the driver ends; it said " + Files.readString(err))
                .isTrue();
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
