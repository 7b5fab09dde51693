package io.counterfoil.edge.feed;

import io.counterfoil.edge.config.ListenAddress;
import io.counterfoil.edge.snapshot.CurrentSnapshot;
import io.counterfoil.sql.OperatorException;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.ServerSSLOptions;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Offers the snapshot to edges that are not ours: {@code GET /snapshot?since=V&wait=SECONDS} with a token, a JSON object of what
 * changed after V, or of everything. It tells nothing that this edge has not taken itself: what looks wrong to it goes nowhere. An event
 * loop and two threads of its own; it takes nothing from those that answer requests.
 */
public final class SnapshotFeed implements AutoCloseable {
    private static final int IDLE_SECONDS = FeedAsk.MAX_WAIT_SECONDS + 30;
    private static final int START_SECONDS = 30;

    private final Vertx vertx;
    private final FeedTokens tokens;
    private final FeedReaders readers;
    private final Consumer<String> notices;
    private HttpServer server;

    /**
     * What the feed is made of.
     *
     * @param folder of its own; what lies in it is deleted
     */
    public record Parts(String jdbcUrl, CurrentSnapshot current, FeedTokens tokens, InstantSource clock, Path folder) {}

    private SnapshotFeed(Parts parts, FeedSpool spool, Consumer<String> notices) {
        vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        tokens = parts.tokens();
        readers = new FeedReaders(vertx, vertx.getOrCreateContext(), parts.current(), spool);
        this.notices = notices;
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
        FeedSpool spool = new FeedSpool(parts.jdbcUrl(), parts.clock(), parts.folder(), notices);
        SnapshotFeed feed = new SnapshotFeed(parts, spool, notices);
        try {
            feed.listen(listen, tls);
            return feed;
        } catch (RuntimeException e) {
            feed.close();
            throw e;
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
        readers.start();
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
            FeedReader.problem(request, 404, "Not Found", "/snapshot is here");
        } else if (!tokens.allow(request.getHeader(HttpHeaders.AUTHORIZATION))) {
            request.response().putHeader("WWW-Authenticate", "Bearer");
            FeedReader.problem(
                    request, 401, "Unauthorized", "A token of the feed is needed: 'Authorization: Bearer TOKEN'.");
        } else if (!request.method().equals(HttpMethod.GET)) {
            request.response().putHeader(HttpHeaders.ALLOW, "GET");
            FeedReader.problem(request, 405, "Method Not Allowed", "Only GET is understood here.");
        } else {
            Optional<FeedAsk> ask = FeedAsk.of(request);
            if (ask.isEmpty()) {
                FeedReader.problem(
                        request,
                        400,
                        "Bad Request",
                        "'since' is a version, and 'wait' at most " + FeedAsk.MAX_WAIT_SECONDS + " seconds.");
            } else {
                readers.answer(request, ask.get());
            }
        }
    }

    @Override
    public void close() {
        readers.close();
        try {
            vertx.close().await(START_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            // Its threads are of no more use to anyone, and the process is about to end.
            return;
        }
    }
}
