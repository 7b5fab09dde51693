package io.counterfoil.edge.feed;

import io.counterfoil.edge.config.ListenAddress;
import io.counterfoil.edge.snapshot.CurrentSnapshot;
import io.counterfoil.edge.snapshot.Snapshot;
import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.snapshot.SnapshotRows.Head;
import io.counterfoil.sql.snapshot.SnapshotStore;
import io.netty.channel.Channel;
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
import io.vertx.core.net.impl.ConnectionBase;
import org.apache.commons.io.output.DeferredFileOutputStream;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    /** Answers so large that they are spooled, at once. */
    private static final int MAX_SENDING = 8;

    private static final long SEND_MILLIS = TimeUnit.MINUTES.toMillis(10);
    private static final Duration SILENCE = Duration.ofSeconds(60);
    private static final String NOT_TAKEN = "What the database has is not taken here; keep the one you have.";
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
    /** Of the event loop alone. */
    private int sending;

    private HttpServer server;
    private volatile boolean down;

    /**
     * One that is answered once the edge has taken a later version than that, or when its time is up.
     *
     * @param needed whether it can be answered only then: the database has that version already
     */
    private record Waiting(Reader reader, long after, boolean needed, long untilNanos) {}

    /** @param giveUpNanos when it is answered at the latest, whatever comes between */
    private record Reader(HttpServerRequest request, FeedAsk ask, long giveUpNanos) {}

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
        store = new SnapshotStore(DatabaseAccess.jdbi(DatabaseAccess.dataSource(parts.jdbcUrl(), SILENCE)));
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
        long now = System.nanoTime();
        Reader reader = new Reader(request, ask, now + TimeUnit.SECONDS.toNanos(ask.waitSeconds()) + TAKE_NANOS);
        Snapshot snapshot = current.get();
        long known = ask.known(snapshot.database());
        if (ask.waitSeconds() == 0 || snapshot.version() > known || isOfAnotherHistory(ask, snapshot)) {
            read(List.of(reader));
        } else {
            park(new Waiting(reader, known, false, now + TimeUnit.SECONDS.toNanos(ask.waitSeconds())));
        }
    }

    /** Whether what changed since cannot be told: the database was restored, or is another one. */
    private boolean isOfAnotherHistory(FeedAsk ask, Snapshot snapshot) {
        return ask.since() > snapshot.version() || (ask.since() > 0 && ask.since() < current.historyFrom());
    }

    private void park(Waiting next) {
        if (waiting.size() >= MAX_WAITING) {
            unavailable(next.reader().request(), "Too many readers wait here.");
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
        Snapshot snapshot = current.get();
        Map<Long, List<Reader>> ready = new LinkedHashMap<>();
        List<Reader> late = new ArrayList<>();
        waiting.removeIf(each -> {
            Reader reader = each.reader();
            boolean taken = snapshot.version() > each.after() || isOfAnotherHistory(reader.ask(), snapshot);
            boolean done = taken || now - each.untilNanos() >= 0;
            if (done && each.needed() && !taken) {
                late.add(reader);
            } else if (done) {
                ready.computeIfAbsent(reader.ask().since(), since -> new ArrayList<>())
                        .add(reader);
            }
            return done || reader.request().response().closed();
        });
        late.forEach(each -> unavailable(each.request(), NOT_TAKEN));
        ready.values().forEach(this::read);
    }

    /** Reads once for all of them: they have the same. */
    private void read(List<Reader> readers) {
        Snapshot snapshot = current.get();
        String tag = FeedAsk.tag(snapshot.database(), snapshot.version());
        List<Reader> wanting = new ArrayList<>();
        for (Reader each : readers) {
            if (isOfAnotherHistory(each.ask(), snapshot)) {
                problem(
                        each.request(),
                        409,
                        "Conflict",
                        "What changed since " + each.ask().since() + " cannot be told, the newest version here is "
                                + snapshot.version()
                                + ": the database was restored, or is another one; ask for everything, without 'since'.");
            } else if (each.ask().has(tag)) {
                each.request()
                        .response()
                        .setStatusCode(304)
                        .putHeader(HttpHeaders.ETAG, tag)
                        .end();
            } else {
                wanting.add(each);
            }
        }
        if (wanting.isEmpty()) {
            return;
        }
        try {
            this.readers.execute(() -> spool(wanting));
        } catch (RejectedExecutionException e) {
            wanting.forEach(each -> unavailable(each.request(), "Too many readers ask at once."));
        }
    }

    /** On a thread of the feed's own. */
    private void spool(List<Reader> wanting) {
        Snapshot taken = current.get();
        long since = wanting.get(0).ask().since();
        try {
            DeferredFileOutputStream out = DeferredFileOutputStream.builder()
                    .setThreshold(MEMORY_BYTES)
                    .setPrefix("snapshot")
                    .setSuffix(".json")
                    .setDirectory(folder)
                    .get();
            try {
                FeedWriter writer = new FeedWriter(out, since, taken);
                try (writer) {
                    if (since == taken.version()) {
                        // What the database may have beyond it is not for others before this edge has taken it.
                        writer.head(new Head(taken.database(), taken.version(), 0));
                    } else {
                        store.read(since, clock.instant(), writer);
                        tellUp();
                    }
                }
                Head head = writer.head().orElseThrow();
                context.runOnContext(none -> sendOrWait(wanting, out, head, taken));
            } catch (IOException | RuntimeException e) {
                delete(out);
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            tellDown(e);
            context.runOnContext(none -> wanting.forEach(
                    each -> unavailable(each.request(), "The snapshot cannot be read now; keep the one you have.")));
        }
    }

    private void sendOrWait(List<Reader> wanting, DeferredFileOutputStream out, Head head, Snapshot taken) {
        if (isOfAnotherHistory(wanting.get(0).ask(), taken)) {
            // They asked before the edge took it, and have it read after.
            delete(out);
            read(wanting);
            return;
        }
        if (head.version() == taken.version() && head.database().equals(taken.database())) {
            String tag = FeedAsk.tag(head.database(), head.version());
            if (out.isInMemory()) {
                Buffer body = Buffer.buffer(out.getData());
                wanting.forEach(each -> head(each, tag).end(body));
            } else {
                sendFile(wanting.get(0), out, tag);
                wanting.subList(1, wanting.size()).forEach(each -> read(List.of(each)));
            }
            return;
        }
        delete(out);
        for (Reader each : wanting) {
            if (head.database().equals(taken.database()) && head.version() > taken.version()) {
                // This edge is about to take it, or refuses it.
                park(new Waiting(each, head.version() - 1, true, each.giveUpNanos()));
            } else {
                unavailable(each.request(), NOT_TAKEN);
            }
        }
    }

    private static HttpServerResponse head(Reader reader, String tag) {
        return reader.request()
                .response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .putHeader(HttpHeaders.CACHE_CONTROL, "private, no-cache")
                .putHeader(HttpHeaders.ETAG, tag);
    }

    /** Few at once, and none for ever: they lie on the log's disk. */
    private void sendFile(Reader reader, DeferredFileOutputStream out, String tag) {
        if (sending >= MAX_SENDING) {
            delete(out);
            unavailable(reader.request(), "Too many readers are sent everything at once.");
            return;
        }
        sending++;
        Channel channel = ((ConnectionBase) reader.request().connection())
                .channelHandlerContext()
                .channel();
        // Closing it in order would wait for all that is still to be sent.
        long timer = vertx.setTimer(SEND_MILLIS, late -> channel.unsafe().close(channel.newPromise()));
        head(reader, tag).sendFile(out.getFile().toString()).onComplete(sent -> {
            vertx.cancelTimer(timer);
            sending--;
            delete(out);
        });
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
