package io.counterfoil.edge.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.counterfoil.edge.config.ListenAddress;
import io.counterfoil.sql.OperatorException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * The operator's own listener, apart from the one that is paid for: {@code /healthz} (the process lives), {@code /readyz} (it
 * should be sent requests), {@code /metrics} (Prometheus). It has threads of its own and takes nothing from the event loops. No
 * authentication: it belongs on loopback or a private network.
 */
public final class AdminServer implements AutoCloseable {
    /** One that is stuck with a slow client keeps nobody from asking after the edge's health. */
    private static final int THREADS = 3;

    private static final String TEXT = "text/plain; charset=utf-8";

    private final HttpServer server;
    private final ExecutorService thread;
    private final ListenAddress address;

    private AdminServer(HttpServer server, ExecutorService thread, ListenAddress address) {
        this.server = server;
        this.thread = thread;
        this.address = address;
    }

    /** What {@code /metrics} says. */
    @FunctionalInterface
    public interface Metrics {
        /**
         * Writes all of them.
         *
         * @return the content type
         */
        String write(OutputStream out) throws IOException;
    }

    /**
     * Starts to answer.
     *
     * @param notReady reasons not to be sent requests; empty where there is none
     * @throws OperatorException category INPUT where the address cannot be listened on
     */
    public static AdminServer start(ListenAddress listen, Metrics metrics, Supplier<List<String>> notReady) {
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(listen.host(), listen.port()), 0);
        } catch (IOException | IllegalArgumentException e) {
            throw OperatorException.input("admin cannot listen on " + listen + ": " + e.getMessage()
                    + "; set 'admin' (COUNTERFOIL_EDGE_ADMIN) to an address with a free port, or off");
        }
        ExecutorService thread = Executors.newFixedThreadPool(THREADS, run -> {
            Thread own = new Thread(run, "counterfoil-admin");
            own.setDaemon(true);
            return own;
        });
        server.setExecutor(thread);
        server.createContext("/", exchange -> answer(exchange, 404, TEXT, "/healthz, /readyz and /metrics are here\n"));
        server.createContext("/healthz", exchange -> answer(exchange, 200, TEXT, "ok\n"));
        server.createContext("/readyz", exchange -> {
            List<String> reasons = notReady.get();
            answer(
                    exchange,
                    reasons.isEmpty() ? 200 : 503,
                    TEXT,
                    reasons.isEmpty() ? "ready\n" : "not ready: " + String.join("; ", reasons) + "\n");
        });
        server.createContext("/metrics", exchange -> {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            String type = metrics.write(body);
            answer(exchange, 200, type, body.toByteArray());
        });
        server.start();
        return new AdminServer(
                server, thread, listen.withPort(server.getAddress().getPort()));
    }

    private static void answer(HttpExchange exchange, int status, String type, String text) throws IOException {
        answer(exchange, status, type, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void answer(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        try (exchange) {
            boolean reads = List.of("GET", "HEAD").contains(exchange.getRequestMethod());
            exchange.getResponseHeaders().set("Content-Type", type);
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.sendResponseHeaders(status, -1);
                return;
            }
            exchange.sendResponseHeaders(reads ? status : 405, reads ? body.length : -1);
            if (reads) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    /** With the real port. */
    public ListenAddress address() {
        return address;
    }

    @Override
    public void close() {
        server.stop(0);
        thread.shutdownNow();
    }
}
