package io.counterfoil.schedules.cli;

import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The lines of jobs/README.md in a real nginx: requests with keys, a log that holds their labels or hashes only. */
final class FollowNginxTest {
    private static final Path NGINX = Path.of("/usr/sbin/nginx");
    private static final int REQUESTS = 400;
    private static final String ACME = "secret-of-acme-0123456789";
    private static final String GLOBEX = "secret-of-globex-0123456789";

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.fresh();
    private Process nginx;
    private int port;

    @BeforeEach
    void startNginx() throws Exception {
        assumeTrue(Files.isExecutable(NGINX), NGINX + " is not installed");
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        // One by its label, one by its hash: the importer knows both.
        Files.writeString(
                folder.resolve("keys.map"), ACME + " acme-1;\n" + GLOBEX + " " + KeyStore.hash(GLOBEX) + ";\n");
        Files.writeString(folder.resolve("nginx.conf"), """
                daemon off;
                pid FOLDER/nginx.pid;
                error_log FOLDER/error.log;
                worker_processes 2;
                events {}
                http {
                  map $http_x_api_key $key_label { default ""; include FOLDER/keys.map; }
                  log_format counterfoil escape=json '{"msec":"$msec","key":"$key_label","status":"$status",'
                    '"request_method":"$request_method","request_uri":"$uri","body_bytes_sent":"$body_bytes_sent",'
                    '"request_time":"$request_time"}';
                  access_log FOLDER/counterfoil.log counterfoil;
                  server {
                    listen 127.0.0.1:PORT;
                    location / { return 200 "hello"; }
                    location /none { return 404; }
                  }
                }
                """.replace("FOLDER", folder.toString())
                .replace("PORT", Integer.toString(port)));
        nginx = new ProcessBuilder(NGINX.toString(), "-p", folder.toString(), "-c", "nginx.conf")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("nginx.out").toFile())
                .start();
        Cli.until("nginx answers", () -> Files.exists(folder.resolve("nginx.pid")));
    }

    @AfterEach
    void stopNginx() throws Exception {
        if (nginx != null) {
            nginx.destroy();
            nginx.waitFor(10, TimeUnit.SECONDS);
        }
    }

    private static boolean says(Cli.Running command, String text) {
        try {
            return Files.readString(command.err()).contains(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void eachRequestLandsOnceUnderItsKeyAcrossReopening() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        InProcess cli = InProcess.on(folder.resolve("home"), database.jdbcUrl());
        Files.writeString(
                folder.resolve("keys.csv"),
                "account,label,plan,sha256\nAcme,acme-1,p," + KeyStore.hash(ACME) + "\nGlobex,globex-1,p,"
                        + KeyStore.hash(GLOBEX) + "\n");
        for (String[] command : List.of(
                new String[] {"account", "create", "Acme"},
                new String[] {"account", "create", "Globex"},
                new String[] {"plan", "create", "p", "--limit", "1000/hour"},
                new String[] {"key", "import", folder.resolve("keys.csv").toString()})) {
            InProcess.Result done = cli.run(command);
            assertThat(done.exit()).as(done.err()).isZero();
        }
        Cli.Running follow = new Cli(folder.resolve("home"))
                .start(
                        "--database=" + database.jdbcUrl(),
                        "import",
                        "--follow",
                        "--every",
                        "0.2",
                        "--format",
                        "json",
                        "--key-from",
                        "key",
                        "--source",
                        "nginx",
                        folder.resolve("counterfoil.log").toString());

        // Else all may be asked, and every rotation be over, before it has seen the first file.
        Cli.until("it follows", () -> says(follow, "following"));
        Map<String, Integer> asked = new HashMap<>();
        for (int i = 0; i < REQUESTS; i++) {
            String key = List.of(ACME, GLOBEX, "").get(random.nextInt(3));
            String path = random.nextInt(5) == 0 ? "/none?api_key=" + key : "/a";
            int status = get(path, key);
            asked.merge((key.isEmpty() ? "-" : key) + " " + status, 1, Integer::sum);
            if (i % 80 == 79) {
                rotate(i / 80 + 1);
            }
        }
        LandedLines landed = new LandedLines(folder.resolve("home/landing"));
        Cli.until("all is there; seed " + seed, () -> landed.count() >= REQUESTS);
        follow.process().destroy();
        Cli.Result end = follow.await();

        assertThat(end.exit()).as(end.err()).isZero();
        assertThat(counted(landed)).as("seed " + seed).isEqualTo(asked);
        assertThat(end.err().lines().filter(line -> line.contains("was rotated")))
                .as(end.err())
                .hasSizeBetween(1, REQUESTS / 80);
        for (String secret : List.of(ACME, GLOBEX)) {
            assertThat(Files.readString(folder.resolve("counterfoil.log"))).doesNotContain(secret);
            assertThat(end.err() + end.out()).doesNotContain(secret);
        }
    }

    private int get(String path, String key) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .GET();
        if (!key.isEmpty()) {
            request.header("X-Api-Key", key);
        }
        return HttpClient.newHttpClient()
                .send(request.build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    /** As logrotate does: rename, then tell nginx, which writes to the old file until it hears. */
    private void rotate(int number) throws Exception {
        Files.move(folder.resolve("counterfoil.log"), folder.resolve("counterfoil.log-2026103" + number));
        String master = Files.readString(folder.resolve("nginx.pid")).strip();
        assertThat(new ProcessBuilder("kill", "-USR1", master).start().waitFor())
                .isZero();
    }

    private Map<String, Integer> counted(LandedLines landed) throws Exception {
        Map<String, String> secrets = Map.of("acme-1", ACME, "globex-1", GLOBEX);
        Map<String, String> keys = new HashMap<>(Map.of("0", "-"));
        database.jdbi()
                .useHandle(handle -> handle.createQuery("select key_id, label from api_key")
                        .map((row, context) -> Map.entry(row.getString("key_id"), row.getString("label")))
                        .forEach(entry -> keys.put(entry.getKey(), secrets.get(entry.getValue()))));
        Map<String, Integer> counted = new HashMap<>();
        for (String[] line : landed.all()) {
            counted.merge(keys.get(line[LandedLines.KEY_ID]) + " " + line[LandedLines.STATUS], 1, Integer::sum);
        }
        return counted;
    }
}
