package io.counterfoil.jobs.push;

import java.io.BufferedReader;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** S3Proxy as a process of its own: its libraries are others than Spark's. */
final class S3Store implements AutoCloseable {
    static final String BUCKET = "landing";

    private static final Path ACCESSLOG = Path.of("../ingest/accesslog/target");

    private final Process process;
    private final Map<String, String> environment = new HashMap<>();

    private S3Store(Process process, BufferedReader lines) throws Exception {
        this.process = process;
        String line = lines.readLine();
        while (line != null && !line.isEmpty()) {
            environment.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
            line = lines.readLine();
        }
        if (line == null) {
            throw new AssertionError("S3Proxy does not start");
        }
    }

    static S3Store start(Path folder) throws Exception {
        String classpath = String.join(
                File.pathSeparator,
                ACCESSLOG.resolve("test-classes").toString(),
                ACCESSLOG.resolve("classes").toString(),
                Files.readString(ACCESSLOG.resolve("s3proxy.classpath")));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        classpath,
                        "io.counterfoil.accesslog.landing.S3ProxyMain")
                .redirectError(folder.resolve("s3proxy.log").toFile())
                .start();
        return new S3Store(process, process.inputReader(StandardCharsets.UTF_8));
    }

    /** What a client needs. */
    Map<String, String> environment() {
        return environment;
    }

    @Override
    public void close() throws Exception {
        process.getOutputStream().close();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
