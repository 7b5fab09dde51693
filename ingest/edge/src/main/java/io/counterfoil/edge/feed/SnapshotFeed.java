package io.counterfoil.edge.feed;

import io.counterfoil.edge.config.ListenAddress;
import io.counterfoil.edge.listener.BearerTokens;
import io.counterfoil.edge.listener.ProblemAnswer;
import io.counterfoil.edge.listener.SideListener;
import io.counterfoil.edge.snapshot.CurrentSnapshot;
import io.counterfoil.sql.OperatorException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.ServerSSLOptions;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Offers the snapshot to edges that are not ours: {@code GET /snapshot?since=V&wait=SECONDS} with a token, a JSON object of what
 * changed after V, or of everything. It tells nothing that this edge has not taken itself: what looks wrong to it goes nowhere. An event
 * loop and two threads of its own; it takes nothing from those that answer requests.
 */
public final class SnapshotFeed implements AutoCloseable {
    /** The environment's name for the tokens of those who read it. */
    public static final String TOKENS = "COUNTERFOIL_FEED_TOKENS";

    private static final int IDLE_SECONDS = FeedAsk.MAX_WAIT_SECONDS + 30;

    private final SideListener listener;
    private final BearerTokens tokens;
    private final FeedReaders readers;

    /**
     * What the feed is made of.
     *
     * @param folder of its own; what lies in it is deleted
     */
    public record Parts(
            String jdbcUrl, CurrentSnapshot current, BearerTokens tokens, InstantSource clock, Path folder) {}

    private SnapshotFeed(Parts parts, FeedSpool spool, Consumer<String> notices) {
        listener = new SideListener("feed", notices);
        tokens = parts.tokens();
        readers = new FeedReaders(listener.vertx(), listener.context(), parts.current(), spool);
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
                    + TOKENS + ", or 'feed' to off");
        }
        FeedSpool spool = new FeedSpool(parts.jdbcUrl(), parts.clock(), parts.folder(), notices);
        SnapshotFeed feed = new SnapshotFeed(parts, spool, notices);
        try {
            feed.listener.listen(listen, tls, new HttpServerOptions().setIdleTimeout(IDLE_SECONDS), feed::handle);
            feed.readers.start();
            return feed;
        } catch (RuntimeException e) {
            feed.close();
            throw e;
        }
    }

    /** Where it answers, with the real port. */
    public int port() {
        return listener.port();
    }

    /** New connections get that certificate. */
    public void updateTls(ServerSSLOptions options) {
        listener.updateTls(options);
    }

    private void handle(HttpServerRequest request) {
        if (request.path() == null || !request.path().equals("/snapshot")) {
            ProblemAnswer.send(request, 404, "Not Found", "/snapshot is here");
        } else if (tokens.find(request.getHeader(HttpHeaders.AUTHORIZATION)).isEmpty()) {
            ProblemAnswer.unauthorized(request, "A token of the feed is needed: 'Authorization: Bearer TOKEN'.");
        } else if (!request.method().equals(HttpMethod.GET)) {
            request.response().putHeader(HttpHeaders.ALLOW, "GET");
            ProblemAnswer.send(request, 405, "Method Not Allowed", "Only GET is understood here.");
        } else {
            Optional<FeedAsk> ask = FeedAsk.of(request);
            if (ask.isEmpty()) {
                ProblemAnswer.send(
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
        listener.close();
    }
}
