package io.counterfoil.schedules.cluster;

import io.counterfoil.schedules.schedule.SubmitCommand;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;

/** A real standalone cluster, started by the script that users start one with, and jobs submitted to it from the one jobs jar. */
final class SparkCluster implements AutoCloseable {
    private static final Path SCRIPTS = Path.of("cluster").toAbsolutePath();
    private static final String SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";
    private static final long WAIT_SECONDS = 120;

    private final Path folder;
    private final Path sparkHome;
    private final Path jobsJar;
    private final Path plugin;
    private final String url;

    private SparkCluster(Path folder) throws Exception {
        this.folder = folder.resolve("cluster");
        this.sparkHome = Path.of(run("spark-home"));
        this.jobsJar = jobsJar();
        this.plugin = pluginJar(folder.resolve("faults.jar"));
        this.url = run(
                "standalone",
                "start",
                this.folder.toString(),
                "--port",
                "0",
                // Two machines to Spark, which does not speculate on one.
                "--worker-hosts",
                "127.0.0.1,127.0.0.2",
                "--wait",
                Long.toString(WAIT_SECONDS));
    }

    static SparkCluster start(Path folder) throws Exception {
        SparkCluster cluster = new SparkCluster(folder);
        // Tests that are cut short leave no cluster behind.
        Runtime.getRuntime().addShutdownHook(new Thread(cluster::stopQuietly));
        return cluster;
    }

    private void stopQuietly() {
        try {
            close();
        } catch (Exception | AssertionError e) {
            System.err.println("the cluster in " + folder + " was not stopped: " + e.getMessage());
        }
    }

    private static Path jobsJar() throws IOException {
        Path target = Path.of("../jobs/target").toAbsolutePath().normalize();
        try (Stream<Path> files = Files.list(target)) {
            return files.filter(file -> file.toString().endsWith("-spark.jar"))
                    .findFirst()
                    .orElseThrow(() ->
                            new IllegalStateException("no jobs jar in " + target + ": run mvn verify from the top"));
        }
    }

    /** Only the faults: all else an executor has is the jobs jar's and Spark's. */
    private static Path pluginJar(Path jar) throws IOException {
        Path classes = Path.of("target/test-classes");
        Path own = classes.resolve(FaultPlugin.class.getPackageName().replace('.', '/'));
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.list(own)) {
            for (Path file : files.filter(each -> each.getFileName().toString().startsWith("FaultPlugin"))
                    .toList()) {
                out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                Files.copy(file, out);
            }
        }
        return jar;
    }

    /** A job that runs. */
    record Submitted(Process process, Path output) {
        /** What it printed; fails where it did not end in order. */
        String done() throws Exception {
            assertThat(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS))
                    .as("still running: " + Files.readString(output))
                    .isTrue();
            assertThat(process.exitValue()).as(Files.readString(output)).isZero();
            return Files.readString(output);
        }
    }

    /**
     * Submits a job in client mode, its driver in a folder of its own.
     *
     * @param faults folder of the fault's marks
     * @param settings of Spark, as {@code name=value}
     */
    Submitted submit(
            FaultPlugin.Fault fault, Path faults, List<String> settings, Map<String, String> environment, String... job)
            throws IOException {
        Path driver = Files.createDirectories(faults.resolve("driver"));
        List<String> command = new ArrayList<>(List.of(
                sparkHome.resolve("bin/spark-submit").toString(),
                "--master",
                url,
                "--class",
                SubmitCommand.MAIN,
                "--jars",
                plugin.toString(),
                "--driver-memory",
                "512m",
                "--executor-memory",
                "512m"));
        List<String> all = new ArrayList<>(List.of(
                "spark.plugins=" + FaultPlugin.class.getName(),
                FaultPlugin.FAULT + "=" + fault,
                FaultPlugin.FOLDER + "=" + faults,
                "spark.ui.enabled=false",
                // These JVMs live for seconds.
                "spark.driver.extraJavaOptions=" + SHORT_LIVED,
                "spark.executor.extraJavaOptions=" + SHORT_LIVED,
                "spark.driver.host=127.0.0.1",
                "spark.cores.max=2",
                "spark.executor.cores=1",
                // Tasks begin when both executors are there.
                "spark.scheduler.minRegisteredResourcesRatio=1.0",
                "spark.scheduler.maxRegisteredResourcesWaitingTime=60s"));
        all.addAll(settings);
        all.forEach(setting -> command.addAll(List.of("--conf", setting)));
        command.add(jobsJar.toString());
        command.addAll(List.of(job));
        Path output = driver.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(driver.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        clean(builder);
        builder.environment().putAll(environment);
        return new Submitted(builder.start(), output);
    }

    /** The executor with this pid, of this cluster and no other. */
    ProcessHandle executor(long pid) throws IOException {
        return executors().stream()
                .filter(executor -> executor.pid() == pid)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no executor of this cluster has pid " + pid));
    }

    List<ProcessHandle> executors() throws IOException {
        List<ProcessHandle> executors = new ArrayList<>();
        for (int worker = 1; worker <= 2; worker++) {
            String pid = Files.readString(folder.resolve("worker-" + worker + ".pid"))
                    .strip();
            ProcessHandle.of(Long.parseLong(pid)).stream()
                    .flatMap(ProcessHandle::descendants)
                    .filter(process -> process.info().commandLine().orElse("").contains("CoarseGrainedExecutorBackend"))
                    .forEach(executors::add);
        }
        return executors;
    }

    private static String run(String script, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(SCRIPTS.resolve(script).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        clean(builder);
        Process process = builder.start();
        String output;
        try (InputStream out = process.getInputStream()) {
            output = new String(out.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
        assertThat(process.waitFor()).as(command + ": " + output).isZero();
        return output;
    }

    /** Of what the one who runs the tests has set for a Spark or a database of their own. */
    private static void clean(ProcessBuilder builder) {
        builder.environment()
                .keySet()
                .removeIf(name ->
                        name.startsWith("SPARK_") || name.startsWith("COUNTERFOIL_") || name.startsWith("AWS_"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("SPARK_DAEMON_JAVA_OPTS", SHORT_LIVED);
    }

    @Override
    public void close() throws Exception {
        // Stopped before, its folder may be gone.
        if (Files.exists(folder.resolve("master.pid"))) {
            run("standalone", "stop", folder.toString());
        }
    }
}
