package io.counterfoil.schedules.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * Stands where Cloudflare's REST API of Workers KV does: takes one value a call, and puts it into the namespace that the Worker reads. It is
 * not Cloudflare's.
 */
final class KvApi implements AutoCloseable {
    static final String TOKEN = "a-token-of-workers-kv-0123456789";

    private static final String VALUES = "/client/v4/accounts/acc/storage/kv/namespaces/flags/values/";

    private final WorkerProcess worker;
    private final HttpServer server;

    KvApi(WorkerProcess worker) throws IOException {
        this.worker = worker;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getRawPath();
            boolean allowed =
                    ("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"));
            boolean known = exchange.getRequestMethod().equals("PUT") && path.startsWith(VALUES);
            String value = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            if (allowed && known) {
                worker.put("kv/" + path.substring(VALUES.length()), value);
            }
            String body = "{\"success\":" + (allowed && known) + ",\"errors\":[],\"messages\":[],\"result\":null}";
            exchange.sendResponseHeaders(allowed ? known ? 200 : 404 : 401, body.length());
            exchange.getResponseBody().write(body.getBytes(StandardCharsets.US_ASCII));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
