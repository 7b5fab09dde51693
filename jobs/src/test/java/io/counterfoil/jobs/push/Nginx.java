package io.counterfoil.jobs.push;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The machine's nginx on loopback, with the very files that jobs/nginx offers. What X-API-Key says is taken for the label. */
final class Nginx implements AutoCloseable {
    private static final Path OFFERED = Path.of("nginx");

    private final Path program;
    private final Path folder;
    private final int port;
    private final HttpClient client = HttpClient.newHttpClient();
    private final Process process;

    private Nginx(Path program, Path folder, int port, Process process) {
        this.program = program;
        this.folder = folder;
        this.port = port;
        this.process = process;
    }

    /** Empty where this machine has none. */
    static Optional<Path> program() {
        return Stream.concat(
                        Stream.of("/usr/sbin"), Stream.of(System.getenv("PATH").split(":")))
                .map(each -> Path.of(each, "nginx"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** With the map that lies in that folder, in a time zone far from UTC. */
    static Nginx start(Path program, Path folder) throws Exception {
        return start(program, folder, folder.resolve("counterfoil-flags.map"));
    }

    /** With that map. */
    static Nginx start(Path program, Path folder, Path map) throws Exception {
        if (!folder.equals(map.getParent())) {
            Files.createSymbolicLink(folder.resolve("counterfoil-flags.map"), map);
        }
        int port = freePort();
        for (String file : new String[] {"counterfoil-flags.conf", "counterfoil-refuse.conf"}) {
            Files.copy(OFFERED.resolve(file), folder.resolve(file));
        }
        Files.writeString(folder.resolve("nginx.conf"), """
                daemon off;
                user root;
                worker_processes 1;
                pid nginx.pid;
                error_log error.log notice;
                events { worker_connections 64; }
                http {
                    access_log off;
                    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
                    scgi_temp_path scgi;
                    map_hash_bucket_size 256;
                    map_hash_max_size 65536;
                    map $http_x_api_key $counterfoil_label { default $http_x_api_key; }
                    include counterfoil-flags.conf;
                    error_page 404 /sorry;
                    server {
                        listen 127.0.0.1:PORT;
                        server_name ~^(.+)\\.0\\.0\\.1$;
                        include counterfoil-refuse.conf;
                        location /site/ { root sites/$1; }
                        location = /sorry { return 200 'sorry'; }
                        location /missing { return 404; }
                        location /odd { proxy_intercept_errors on; proxy_pass http://127.0.0.1:PORT/599; }
                        location /599 { return 599; }
                        location / { return 200 'served'; }
                        location /own { return 429 'of someone else'; }
                    }
                }
                """.replace("PORT", Integer.toString(port)));
        ProcessBuilder builder = new ProcessBuilder(arguments(program, folder))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile());
        builder.environment().put("TZ", "Pacific/Auckland");
        Path site = Files.createDirectories(folder.resolve("sites/127/site"));
        Files.writeString(site.resolve("page"), "the site's own");
        Nginx nginx = new Nginx(program, folder, port, builder.start());
        Until.isTrue("nginx answers", () -> nginx.answers("/", "nobody"));
        return nginx;
    }

    private static String[] arguments(Path program, Path folder) {
        return new String[] {program.toString(), "-p", folder.toString(), "-c", "nginx.conf", "-e", "error.log"};
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** As an operator would have it: tested, then read again. */
    String reloadCommand() {
        String nginx = String.join(" ", arguments(program, folder));
        return nginx + " -t && " + nginx + " -s reload";
    }

    HttpResponse<String> get(String path, String label) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .header("X-API-Key", label)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    int status(String label) throws IOException, InterruptedException {
        return get("/", label).statusCode();
    }

    private boolean answers(String path, String label) throws InterruptedException {
        try {
            return get(path, label).statusCode() > 0;
        } catch (IOException e) {
            if (!process.isAlive()) {
                throw new AssertionError("nginx ended: " + output(), e);
            }
            return false;
        }
    }

    private String output() {
        try {
            return Files.readString(folder.resolve("output"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() throws Exception {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
