package io.counterfoil.edge.feed;

import io.counterfoil.edge.config.ListenAddress;
import io.counterfoil.edge.snapshot.CurrentSnapshot;
import io.counterfoil.edge.snapshot.Snapshot;
import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.snapshot.SnapshotRows.Head;
import io.counterfoil.sql.snapshot.SnapshotStore;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.ServerSSLOptions;
import org.apache.commons.io.output.DeferredFileOutputStream;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Offers the snapshot to edges that are not ours: {@code GET /snapshot?since=V&wait=SECONDS} with a token, a JSON object of what
 * changed after V, or of everything. It tells nothing that this edge has not taken itself: what looks wrong to it goes nowhere. An event
 * loop and two threads of its own; it takes nothing from those that answer requests.
 */
public final class SnapshotFeed implements AutoCloseable {
    private static final int READERS = 2;
    private static final int MAX_QUEUED = 256;
    private static final int MAX_WAITING = 1_000;
    private static final int MEMORY_BYTES = 1 << 20;
    private static final int IDLE_SECONDS = FeedAsk.MAX_WAIT_SECONDS + 30;
    private static final int START_SECONDS = 30;
    private static final long TICK_MILLIS = 100;
    /** The edge takes what the database has within its poll. */
    private static final long TAKE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final CharSequence PROBLEM = HttpHeaders.createOptimized("application/problem+json");

    private final Vertx vertx;
    private final Context context;
    private final SnapshotStore store;
    private final CurrentSnapshot current;
    private final FeedTokens tokens;
    private final InstantSource clock;
    private final Path folder;
    private final Consumer<String> notices;
    private final ExecutorService readers;
    private final List<Waiting> waiting = new ArrayList<>();
    private HttpServer server;
    private volatile boolean down;

    /**
     * One that is answered once the edge has taken a later version than that, or when its time is up.
     *
     * @param needed whether it can be answered only then: the database has that version already
     */
    private record Waiting(HttpServerRequest request, FeedAsk ask, long after, boolean needed, long untilNanos) {}

    /**
     * What the feed is made of.
     *
     * @param folder of its own; what lies in it is deleted
     */
    public record Parts(String jdbcUrl, CurrentSnapshot current, FeedTokens tokens, InstantSource clock, Path folder) {}

    private SnapshotFeed(Parts parts, Consumer<String> notices) {
        vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        context = vertx.getOrCreateContext();
        store = new SnapshotStore(DatabaseAccess.jdbi(DatabaseAccess.dataSource(parts.jdbcUrl())));
        current = parts.current();
        tokens = parts.tokens();
        clock = parts.clock();
        folder = parts.folder();
        this.notices = notices;
        readers = new ThreadPoolExecutor(
                READERS, READERS, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_QUEUED), work -> {
                    Thread thread = new Thread(work, "counterfoil-feed");
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /**
     * Starts to answer.
     *
     * @param tls empty for clear text
     * @throws OperatorException category INPUT where there is no token, or the address cannot be listened on
     */
    public static SnapshotFeed start(
            ListenAddress listen, Optional<ServerSSLOptions> tls, Parts parts, Consumer<String> notices) {
        if (parts.tokens().isEmpty()) {
            throw OperatorException.input("'feed' is " + listen + ", but there is no token for its readers; set "
                    + FeedTokens.VARIABLE + ", or 'feed' to off");
        }
        clear(parts.folder());
        SnapshotFeed feed = new SnapshotFeed(parts, notices);
        try {
            feed.listen(listen, tls);
            return feed;
        } catch (RuntimeException e) {
            feed.close();
            throw e;
        }
    }

    private static void clear(Path folder) {
        try {
            Files.createDirectories(folder);
            try (var files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw OperatorException.input("folder " + folder + " of the feed cannot be used: " + e.getMessage()
                    + "; see who owns the data folder");
        }
    }

    private void listen(ListenAddress listen, Optional<ServerSSLOptions> tls) {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(listen.host())
                .setPort(listen.port())
                .setIdleTimeout(IDLE_SECONDS)
                .setHttp2ClearTextEnabled(false);
        tls.ifPresent(ssl -> options.setSsl(true).setUseAlpn(true).setKeyCertOptions(ssl.getKeyCertOptions()));
        try {
            server = vertx.createHttpServer(options).requestHandler(this::handle);
            server.listen().await(START_SECONDS, TimeUnit.SECONDS);
        } catch (RuntimeException | TimeoutException e) {
            throw OperatorException.input("feed cannot listen on " + listen + ": "
                    + (e.getCause() == null ? e : e.getCause()).getMessage()
                    + "; set 'feed' to an address of this machine with a free port, or off");
        }
        current.onChange(() -> context.runOnContext(none -> look()));
        context.runOnContext(none -> vertx.setPeriodic(TICK_MILLIS, timer -> look()));
    }

    /** Where it answers, with the real port. */
    public int port() {
        return server.actualPort();
    }

    /** New connections get that certificate. */
    public void updateTls(ServerSSLOptions options) {
        server.updateSSLOptions(options).onFailure(e -> notices.accept("feed keeps its old certificate: " + e));
    }

    private void handle(HttpServerRequest request) {
        if (request.path() == null || !request.path().equals("/snapshot")) {
            problem(request, 404, "Not Found", "/snapshot is here");
        } else if (!tokens.allow(request.getHeader(HttpHeaders.AUTHORIZATION))) {
            request.response().putHeader("WWW-Authenticate", "Bearer");
            problem(request, 401, "Unauthorized", "A token of the feed is needed: 'Authorization: Bearer TOKEN'.");
        } else if (!request.method().equals(HttpMethod.GET)) {
            request.response().putHeader(HttpHeaders.ALLOW, "GET");
            problem(request, 405, "Method Not Allowed", "Only GET is understood here.");
        } else {
            Optional<FeedAsk> ask = FeedAsk.of(request);
            if (ask.isEmpty()) {
                problem(
                        request,
                        400,
                        "Bad Request",
                        "'since' is a version, and 'wait' at most " + FeedAsk.MAX_WAIT_SECONDS + " seconds.");
            } else {
                answer(request, ask.get());
            }
        }
    }

    private void answer(HttpServerRequest request, FeedAsk ask) {
        Snapshot snapshot = current.get();
        if (ask.since() > snapshot.version()) {
            problem(
                    request,
                    409,
                    "Conflict",
                    "'since' is " + ask.since() + ", the newest version here is " + snapshot.version()
                            + ": the database may have been restored; ask for everything, without 'since'.");
            return;
        }
        long known = ask.known(snapshot.database());
        if (snapshot.version() > known || ask.waitSeconds() == 0) {
            read(request, ask);
        } else {
            park(new Waiting(
                    request, ask, known, false, System.nanoTime() + TimeUnit.SECONDS.toNanos(ask.waitSeconds())));
        }
    }

    private void park(Waiting next) {
        if (waiting.size() >= MAX_WAITING) {
            unavailable(next.request(), "Too many readers wait here.");
            return;
        }
        waiting.add(next);
    }

    /** Answers those that need not wait any longer; forgets those that left. */
    private void look() {
        if (waiting.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        long version = current.get().version();
        List<Waiting> ready = new ArrayList<>();
        waiting.removeIf(each -> {
            boolean done = version > each.after() || now - each.untilNanos() >= 0;
            if (done) {
                ready.add(each);
            }
            return done || each.request().response().closed();
        });
        for (Waiting each : ready) {
            if (each.needed() && version <= each.after()) {
                unavailable(each.request(), "The newest version is not taken here; keep the one you have.");
            } else {
                read(each.request(), each.ask());
            }
        }
    }

    private void read(HttpServerRequest request, FeedAsk ask) {
        Snapshot snapshot = current.get();
        String tag = FeedAsk.tag(snapshot.database(), snapshot.version());
        if (ask.has(tag)) {
            request.response()
                    .setStatusCode(304)
                    .putHeader(HttpHeaders.ETAG, tag)
                    .end();
            return;
        }
        try {
            readers.execute(() -> read(request, ask, snapshot));
        } catch (RejectedExecutionException e) {
            unavailable(request, "Too many readers ask at once.");
        }
    }

    /** On a thread of the feed's own. */
    private void read(HttpServerRequest request, FeedAsk ask, Snapshot taken) {
        DeferredFileOutputStream.Builder spool = DeferredFileOutputStream.builder()
                .setThreshold(MEMORY_BYTES)
                .setPrefix("snapshot")
                .setSuffix(".json");
        try {
            DeferredFileOutputStream out = spool.setDirectory(folder).get();
            try {
                FeedWriter writer = new FeedWriter(out, ask.since(), taken.version());
                try (writer) {
                    if (ask.since() == taken.version()) {
                        // What the database may have beyond it is not for others before this edge has taken it.
                        writer.head(new Head(taken.database(), taken.version(), 0));
                    } else {
                        store.read(ask.since(), clock.instant(), writer);
                        tellUp();
                    }
                }
                long version = writer.head().orElseThrow().version();
                String tag = FeedAsk.tag(writer.head().orElseThrow().database(), version);
                context.runOnContext(none -> send(request, ask, out, tag, version > taken.version() ? version : 0));
            } catch (IOException | RuntimeException e) {
                delete(out);
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            tellDown(e);
            context.runOnContext(
                    none -> unavailable(request, "The snapshot cannot be read now; keep the one you have."));
        }
    }

    /** @param later a version of the database that this edge has yet to take; 0: it has */
    private void send(HttpServerRequest request, FeedAsk ask, DeferredFileOutputStream out, String tag, long later) {
        HttpServerResponse response = request.response();
        if (later > 0) {
            delete(out);
            if (later > current.get().version()) {
                park(new Waiting(request, ask, later - 1, true, System.nanoTime() + TAKE_NANOS));
            } else {
                read(request, ask);
            }
            return;
        }
        response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .putHeader(HttpHeaders.CACHE_CONTROL, "private, no-cache")
                .putHeader(HttpHeaders.ETAG, tag);
        if (out.isInMemory()) {
            response.end(Buffer.buffer(out.getData()));
        } else {
            response.sendFile(out.getFile().toString()).onComplete(sent -> delete(out));
        }
    }

    private void delete(DeferredFileOutputStream out) {
        if (!out.isInMemory()) {
            try {
                out.close();
                Files.deleteIfExists(out.getFile().toPath());
            } catch (IOException e) {
                notices.accept("feed cannot delete " + out.getFile() + ": " + e.getMessage());
            }
        }
    }

    private void tellDown(Exception e) {
        if (!down) {
            notices.accept("feed cannot read the snapshot, its readers keep theirs: "
                    + String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString()));
        }
        down = true;
    }

    private void tellUp() {
        if (down) {
            notices.accept("feed reads the snapshot again");
        }
        down = false;
    }

    private static void unavailable(HttpServerRequest request, String detail) {
        request.response().putHeader(HttpHeaders.RETRY_AFTER, "1");
        problem(request, 503, "Service Unavailable", detail);
    }

    private static void problem(HttpServerRequest request, int status, String title, String detail) {
        if (request.response().ended() || request.response().closed()) {
            return;
        }
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, PROBLEM)
                .end("{\"type\":\"about:blank\",\"title\":\"" + title + "\",\"status\":" + status + ",\"detail\":\""
                        + detail.replace("\"", "\\\"") + "\"}");
    }

    @Override
    public void close() {
        readers.shutdownNow();
        try {
            vertx.close().await(START_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            // Its threads are of no more use to anyone, and the process is about to end.
            return;
        }
    }
}
