package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** The Worker in workerd, on loopback, as {@code ingest/worker/test/serve.mjs} serves it. It ends with its standard input. */
final class WorkerProcess implements AutoCloseable {
    private final Process process;
    private final HttpClient client = HttpClient.newHttpClient();
    private final int port;
    private final int admin;

    private WorkerProcess(Process process, JsonNode told) {
        this.process = process;
        this.port = told.at("/port").asInt();
        this.admin = told.at("/admin").asInt();
    }

    /** Answering from its namespace DATA, reading its flags anew each second. */
    static WorkerProcess start(Path worker, Path folder, String collector, String token) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("node", "test/serve.mjs", "--data")
                .directory(worker.toFile())
                .redirectError(folder.resolve("worker.err").toFile());
        builder.environment().put("COUNTERFOIL_COLLECTOR", collector);
        builder.environment().put("COUNTERFOIL_TOKEN", token);
        builder.environment().put("COUNTERFOIL_FLAGS_TTL_SECONDS", "1");
        Process process = builder.start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        JsonNode told = new ObjectMapper().readTree(out.readLine());
        assertThat(told.has("port")).as(told.toString()).isTrue();
        return new WorkerProcess(process, told);
    }

    String address() {
        return "http://127.0.0.1:" + port;
    }

    /** Puts a value into a namespace: {@code kv/KEY} (its flags) or {@code data/KEY}. */
    void put(String name, String value) throws IOException, InterruptedException {
        HttpResponse<String> answer = admin(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + "/" + name))
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(value)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
    }

    /** What it and its runtime wrote. */
    String output() throws IOException, InterruptedException {
        return admin(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + "/output")))
                .body();
    }

    private HttpResponse<String> admin(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
