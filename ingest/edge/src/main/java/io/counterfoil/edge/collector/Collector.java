package io.counterfoil.edge.collector;

import io.counterfoil.accesslog.collected.CollectedBatch;
import io.counterfoil.accesslog.collected.CollectedLog;
import io.counterfoil.accesslog.collected.CollectedLogConfig;
import io.counterfoil.accesslog.collected.CollectedLogStats;
import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.edge.config.CollectorConfig;
import io.counterfoil.edge.config.LogConfig;
import io.counterfoil.edge.listener.BearerTokens;
import io.counterfoil.edge.listener.ProblemAnswer;
import io.counterfoil.edge.listener.SideListener;
import io.counterfoil.edge.snapshot.CurrentSnapshot;
import io.counterfoil.sql.OperatorException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.ServerSSLOptions;

import java.io.IOException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Takes records of edges that are not ours: {@code POST /v1/records}, a batch of JSON lines that names itself. It answers 200 once the
 * batch is on the disk; posted again, it counts once. The listener has an event loop of its own.
 */
public final class Collector implements AutoCloseable {
    /** The environment's name for the tokens of its sources. */
    public static final String TOKENS = "COUNTERFOIL_COLLECTOR_TOKENS";

    private static final int IDLE_SECONDS = 60;

    private final SideListener listener;
    private final BearerTokens tokens;
    private final CollectedLog log;
    private final HeldKeys keys;
    private final InstantSource clock;
    private final SkewAlarm skew;
    private final int perSecond;
    private final BodyBudget budget = new BodyBudget();
    private final Map<String, SourceRate> rates = new HashMap<>();

    /**
     * What the collector is made of.
     *
     * @param log where the edge keeps its log; the collector's lies in it
     */
    public record Parts(
            String edge,
            LogConfig log,
            Landing landing,
            BearerTokens tokens,
            String jdbcUrl,
            CurrentSnapshot current,
            InstantSource clock) {}

    private Collector(Parts parts, CollectorConfig config, CollectedLog log, HeldKeys keys, Consumer<String> notices) {
        listener = new SideListener("collector", notices);
        tokens = parts.tokens();
        clock = parts.clock();
        perSecond = config.batchesPerSecond();
        skew = new SkewAlarm(notices);
        this.log = log;
        this.keys = keys;
    }

    /** What a source may be called: it stands where an edge's name would. */
    public static BearerTokens tokens(String text) {
        return BearerTokens.parseNamed(TOKENS, text, StreamId.EDGE_NAME);
    }

    /**
     * Starts to take batches.
     *
     * @param tls empty for clear text
     * @throws OperatorException category INPUT where there is no token, a source is called as an edge, the folder cannot be used, or
     *     the address cannot be listened on
     */
    public static Collector start(
            CollectorConfig config, Optional<ServerSSLOptions> tls, Parts parts, Consumer<String> notices) {
        if (parts.tokens().isEmpty()) {
            throw OperatorException.input("'collector' is " + config.address()
                    + ", but there is no source's token; set " + TOKENS + " to NAME=TOKEN, or 'collector' to off");
        }
        if (parts.tokens().names().contains(parts.edge())) {
            throw OperatorException.input(
                    TOKENS + " names a source '" + parts.edge() + "', which is this edge's name; choose another");
        }
        HeldKeys keys = new HeldKeys(parts.current(), parts.jdbcUrl());
        keys.refuseEdges(parts.tokens().names());
        CollectedLog log = openLog(parts, keys, notices);
        Collector collector = new Collector(parts, config, log, keys, notices);
        try {
            keys.lookUpFor(log);
            collector.listener.listen(
                    config.address(), tls, new HttpServerOptions().setIdleTimeout(IDLE_SECONDS), collector::handle);
            return collector;
        } catch (RuntimeException e) {
            collector.close();
            throw e;
        }
    }

    private static CollectedLog openLog(Parts parts, HeldKeys keys, Consumer<String> notices) {
        LogConfig log = parts.log();
        try {
            return CollectedLog.open(
                    new CollectedLogConfig(
                            log.data().resolve("collector"),
                            parts.tokens().names(),
                            log.sealAfter(),
                            log.maxWaitingBytes()),
                    parts.landing(),
                    keys,
                    parts.clock(),
                    keys::counted,
                    notices);
        } catch (IOException e) {
            throw OperatorException.corrupt(
                    "collector's log in " + log.data().resolve("collector") + " cannot be opened: " + e.getMessage()
                            + "; keep a copy of the folder before anything is changed in it");
        }
    }

    /** Where it answers, with the real port. */
    public int port() {
        return listener.port();
    }

    public CollectedLogStats stats() {
        return log.stats();
    }

    /** New connections get that certificate. */
    public void updateTls(ServerSSLOptions options) {
        listener.updateTls(options);
    }

    private void handle(HttpServerRequest request) {
        Optional<String> source = tokens.find(request.getHeader(HttpHeaders.AUTHORIZATION));
        if (request.path() == null || !request.path().equals("/v1/records")) {
            ProblemAnswer.send(request, 404, "Not Found", "/v1/records is here");
        } else if (source.isEmpty()) {
            ProblemAnswer.unauthorized(request, "A source's token is needed: 'Authorization: Bearer TOKEN'.");
        } else if (!request.method().equals(HttpMethod.POST)) {
            request.response().putHeader(HttpHeaders.ALLOW, "POST");
            ProblemAnswer.send(request, 405, "Method Not Allowed", "Only POST is understood here.");
        } else {
            long wait = rates.computeIfAbsent(source.get(), name -> new SourceRate(perSecond, System.nanoTime()))
                    .take(System.nanoTime());
            if (wait > 0) {
                PostAnswer.tooMany(request, perSecond, wait);
            } else {
                PostedBatch.read(
                        request,
                        new PostedBatch.Taking(source.get(), budget, listener.vertx(), clock),
                        batch -> take(request, source.get(), batch));
            }
        }
    }

    private void take(HttpServerRequest request, String source, CollectedBatch batch) {
        Future.fromCompletionStage(log.take(source, batch), listener.context())
                .onFailure(notTaken -> PostAnswer.notTaken(request))
                .onSuccess(taken -> {
                    if (!taken.duplicate()) {
                        skew.see(source, batch.skewMicros());
                    }
                    PostAnswer.taken(request, taken, batch);
                });
    }

    @Override
    public void close() {
        listener.close();
        log.close();
        keys.close();
    }
}
