package io.counterfoil.jobs.push;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A receiver on loopback that keeps the documented rules of the Workers KV REST API, and is not Cloudflare: a token, one write a second and
 * key, 25 MiB a value, 10,000 pairs a bulk request, ends at least a minute ahead. It can be told to fail first.
 */
final class KvApi implements AutoCloseable {
    static final String TOKEN = "kv-token-that-no-output-may-hold";
    static final String ACCOUNT = "0123456789abcdef0123456789abcdef";
    static final String NAMESPACE = "fedcba9876543210fedcba9876543210";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BASE = "/client/v4/accounts/" + ACCOUNT + "/storage/kv/namespaces/" + NAMESPACE + "/";
    private static final int MAX_VALUE = 25 << 20;
    private static final int MAX_PAIRS = 10_000;
    private static final int MAX_BULK = 100_000_000;

    private final InstantSource clock;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, Value> values = new ConcurrentHashMap<>();
    private final Map<String, Long> writtenNanos = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<Value> writes = new CopyOnWriteArrayList<>();
    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean lost = new AtomicBoolean();
    private final AtomicReference<Runnable> held = new AtomicReference<>(() -> {});
    private final Queue<String> unsuccessful = new ConcurrentLinkedQueue<>();

    /** What is there under a key. */
    record Value(String key, String text, OptionalLong expiration) {}

    /** Instead of an answer. */
    @FunctionalInterface
    interface Fault {
        void answer(HttpExchange exchange) throws IOException;

        /** A status with fields "name: value". */
        static Fault status(int status, String... fields) {
            return exchange -> {
                for (String field : fields) {
                    String[] parts = field.split(": ", 2);
                    exchange.getResponseHeaders().set(parts[0], parts[1]);
                }
                exchange.sendResponseHeaders(status, -1);
            };
        }

        static Fault text(int status, String text) {
            return exchange -> send(exchange, status, text);
        }

        /** The connection is cut within the answer. */
        static Fault cut() {
            return exchange -> {
                exchange.sendResponseHeaders(200, 100);
                exchange.getResponseBody().write('{');
            };
        }
    }

    private KvApi(InstantSource clock) throws IOException {
        this.clock = clock;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
    }

    static KvApi start(InstantSource clock) throws IOException {
        return new KvApi(clock);
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    KvSettings settings() {
        return settings(TOKEN, NAMESPACE);
    }

    KvSettings settings(String token, String namespace) {
        return KvSettings.of(
                Map.of(KvSettings.TOKEN_VARIABLE, token),
                Optional.of(ACCOUNT),
                Optional.of(namespace),
                Optional.of(url()));
    }

    /** The next requests are answered by these, in turn. */
    void fail(Fault... first) {
        faults.addAll(List.of(first));
    }

    /** The next bulk request says that it could not do this one. */
    void failKey(String key) {
        unsuccessful.add(key);
    }

    /** From now on, writes are done, and their answers are lost. */
    void loseAnswers(boolean so) {
        lost.set(so);
    }

    /** The next write is not done before that. */
    void hold(CompletableFuture<Void> asked, CompletableFuture<Void> goOn) {
        held.set(() -> {
            asked.complete(null);
            goOn.join();
        });
    }

    /** "METHOD path" of each, below the namespace. */
    List<String> requests() {
        return requests;
    }

    /** Every value that was taken, in order. */
    List<Value> writes() {
        return writes;
    }

    Map<String, Value> values() {
        return values;
    }

    String text(String key) {
        return values.get(key).text();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getRawPath();
            requests.add(exchange.getRequestMethod() + " " + path.replace(BASE, ""));
            Fault fault = faults.poll();
            if (fault != null) {
                fault.answer(exchange);
            } else if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                error(exchange, 403, 10_000, "Authentication error");
            } else if (!path.startsWith(BASE)) {
                error(exchange, 404, 10_013, "namespace not found");
            } else {
                if (!exchange.getRequestMethod().equals("GET")) {
                    held.getAndSet(() -> {}).run();
                }
                answer(exchange, path.substring(BASE.length()), body);
            }
        }
    }

    private synchronized void answer(HttpExchange exchange, String path, byte[] body) throws IOException {
        String what = exchange.getRequestMethod() + " " + path.replaceAll("values/.*", "values");
        switch (what) {
            case "GET values" -> get(exchange, key(path));
            case "PUT values" -> put(exchange, key(path), body);
            case "PUT bulk" -> putAll(exchange, body);
            case "POST bulk/delete" -> deleteAll(exchange, body);
            default -> error(exchange, 405, 10_405, "Method not allowed");
        }
    }

    private static String key(String path) {
        return URLDecoder.decode(path.substring("values/".length()), StandardCharsets.UTF_8);
    }

    private void get(HttpExchange exchange, String key) throws IOException {
        if (values.containsKey(key)) {
            send(exchange, 200, text(key));
        } else {
            error(exchange, 404, 10_009, "get: 'key not found'");
        }
    }

    private void put(HttpExchange exchange, String key, byte[] body) throws IOException {
        if (body.length > MAX_VALUE) {
            error(exchange, 413, 10_033, "value is too large");
        } else if (tooSoon(key)) {
            exchange.getResponseHeaders().set("Retry-After", "1");
            error(exchange, 429, 10_048, "too many requests");
        } else {
            take(new Value(key, new String(body, StandardCharsets.UTF_8), OptionalLong.empty()));
            success(exchange, 0, null);
        }
    }

    private boolean tooSoon(String key) {
        Long before = writtenNanos.get(key);
        return before != null && System.nanoTime() - before < TimeUnit.SECONDS.toNanos(1);
    }

    private void take(Value value) {
        values.put(value.key(), value);
        writes.add(value);
        writtenNanos.put(value.key(), System.nanoTime());
    }

    private void putAll(HttpExchange exchange, byte[] body) throws IOException {
        JsonNode pairs = JSON.readTree(body);
        boolean ended = false;
        boolean soon = false;
        for (JsonNode pair : pairs) {
            ended |= pair.has("expiration")
                    && pair.get("expiration").asLong() < clock.instant().getEpochSecond() + 60;
            soon |= tooSoon(pair.get("key").asText());
        }
        if (pairs.size() > MAX_PAIRS || body.length > MAX_BULK) {
            error(exchange, 413, 10_147, "too many pairs");
        } else if (ended) {
            error(exchange, 400, 10_036, "expiration is less than 60 s ahead");
        } else if (soon) {
            exchange.getResponseHeaders().set("Retry-After", "1");
            error(exchange, 429, 10_048, "too many requests");
        } else {
            String failed = unsuccessful.poll();
            for (JsonNode pair : pairs) {
                if (!pair.get("key").asText().equals(failed)) {
                    take(new Value(
                            pair.get("key").asText(),
                            pair.get("value").asText(),
                            pair.has("expiration")
                                    ? OptionalLong.of(pair.get("expiration").asLong())
                                    : OptionalLong.empty()));
                }
            }
            success(exchange, pairs.size(), failed);
        }
    }

    private void deleteAll(HttpExchange exchange, byte[] body) throws IOException {
        JsonNode keys = JSON.readTree(body);
        if (keys.size() > MAX_PAIRS) {
            error(exchange, 413, 10_147, "too many keys");
            return;
        }
        keys.forEach(key -> values.remove(key.asText()));
        success(exchange, keys.size(), null);
    }

    private void success(HttpExchange exchange, int count, String failed) throws IOException {
        if (lost.get()) {
            return;
        }
        String list = failed == null ? "" : "\"" + failed + "\"";
        send(
                exchange,
                200,
                "{\"success\":true,\"errors\":[],\"messages\":[],\"result\":{\"successful_key_count\":" + count
                        + ",\"unsuccessful_keys\":[" + list + "]}}");
    }

    private static void error(HttpExchange exchange, int status, int code, String message) throws IOException {
        send(
                exchange,
                status,
                "{\"success\":false,\"errors\":[{\"code\":" + code + ",\"message\":\"" + message
                        + "\"}],\"messages\":[],\"result\":null}");
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
