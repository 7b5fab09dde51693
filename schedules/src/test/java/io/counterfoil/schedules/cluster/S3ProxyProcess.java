package io.counterfoil.schedules.cluster;

import java.io.BufferedReader;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** S3Proxy over a folder, as a process of its own: neither driver nor executors see that folder but through S3. */
final class S3ProxyProcess implements AutoCloseable {
    static final String BUCKET = "landing";
    private static final Path ACCESSLOG = Path.of("../ingest/accesslog/target");

    private final Process process;
    private final Map<String, String> environment = new HashMap<>();

    private S3ProxyProcess(Process process, BufferedReader lines) throws Exception {
        this.process = process;
        String line = lines.readLine();
        while (line != null && !line.isEmpty()) {
            environment.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
            line = lines.readLine();
        }
        assertThat(line).as("S3Proxy does not start").isNotNull();
    }

    static S3ProxyProcess start(Path folder) throws Exception {
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
        return new S3ProxyProcess(process, process.inputReader(StandardCharsets.UTF_8));
    }

    String endpoint() {
        return environment.get("AWS_ENDPOINT_URL_S3");
    }

    /** As an edge and a job are given what they need; the secret is on no command line. */
    Map<String, String> environment() {
        return environment;
    }

    String secret() {
        return environment.get("AWS_SECRET_ACCESS_KEY");
    }

    @Override
    public void close() throws Exception {
        process.getOutputStream().close();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
