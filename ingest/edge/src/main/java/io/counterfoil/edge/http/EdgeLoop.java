package io.counterfoil.edge.http;

import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.edge.admission.Admission;
import io.counterfoil.edge.config.ListenConfig;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.util.AttributeKey;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.http1.Http1ServerConnection;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.impl.ConnectionBase;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** One event loop of the edge with the log that is its alone: accepts, answers, appends, rolls, reaps. */
final class EdgeLoop extends VerticleBase {
    /** RFC 9110, 5.6.7: the day has two digits. */
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    private static final AttributeKey<EdgeConnection> CONNECTION = AttributeKey.valueOf("counterfoil.connection");
    private static final long IDLE_SEAL_MICROS = Duration.ofSeconds(60).toNanos() / 1000;
    private static final long TICK_MILLIS = 200;
    private static final long LAST_CONNECTIONS_MILLIS = 5;

    private final int number;
    private final RequestLog log;
    private final Judge judge;
    private final EdgeShared shared;
    private final CoarseClock coarse;
    private final LoopMetrics metrics = new LoopMetrics();
    private final RenderedHeads heads = new RenderedHeads();
    private final Set<ProxyCall> calls = new HashSet<>();
    private final Set<ConnectionGuard> guards = new HashSet<>();
    private HttpServer server;
    private String date = "";
    private long appended;
    private boolean ended;
    private boolean defectTold;
    private volatile boolean logReady = true;

    EdgeLoop(int number, RequestLog log, Judge judge, EdgeShared shared) {
        this.number = number;
        this.log = log;
        this.judge = judge;
        this.shared = shared;
        coarse = new CoarseClock(shared.nanoTime());
    }

    @Override
    public Future<?> start() {
        context.exceptionHandler(this::tellDefect);
        tick();
        vertx.setPeriodic(TICK_MILLIS, timer -> tick());
        vertx.setPeriodic(shared.sealAfter().toMillis(), timer -> log.rollIfDue(IDLE_SEAL_MICROS));
        server = vertx.createHttpServer(shared.options())
                .requestHandler(this::handleHttp2)
                .exceptionHandler(e -> {
                    // A connection that broke: its requests are recorded where they are handled.
                })
                .connectionHandler(this::connected);
        return server.listen(shared.address());
    }

    private void tick() {
        coarse.tick();
        String httpDate = HTTP_DATE.format(shared.clock().instant());
        if (!httpDate.equals(date)) {
            // The same object for a second: what is rendered with it is rendered once.
            date = httpDate;
        }
        logReady = log.ready();
        long now = coarse.nanos();
        for (ProxyCall call : new ArrayList<>(calls)) {
            try {
                call.giveUpIfLate(now);
            } catch (RuntimeException e) {
                tellDefect(e);
            }
        }
        long head = limits().headTimeout().toNanos();
        long idle = limits().idleTimeout().toNanos();
        for (ConnectionGuard guard : new ArrayList<>(guards)) {
            if (guard.reapIfSlow(head, idle)) {
                metrics.reaped();
            }
        }
    }

    private void connected(HttpConnection connection) {
        if (ended) {
            connection.close();
            return;
        }
        ChannelPipeline pipeline =
                ((ConnectionBase) connection).channelHandlerContext().pipeline();
        ConnectionGuard guard = new ConnectionGuard(coarse, connection instanceof Http1ServerConnection);
        pipeline.addFirst("guard", guard);
        guards.add(guard);
        metrics.connected();
        Runnable closed = () -> {
            guards.remove(guard);
            metrics.disconnected();
        };
        if (connection instanceof Http1ServerConnection http) {
            pipeline.replace("httpDecoder", "httpDecoder", new StrictRequestDecoder(shared.http1()));
            Http1Served served = new Http1Served(log, guard, http, closed);
            pipeline.addBefore("handler", "served", served);
            EdgeConnection own = new EdgeConnection(served, guard);
            http.handler(request -> handle(request, own));
            http.invalidRequestHandler(request -> handleMalformed(request, own));
        } else {
            Http2ConnectionHandler codec = pipeline.get(Http2ConnectionHandler.class);
            Http2Served served = new Http2Served(log, codec.connection(), closed);
            pipeline.addBefore(pipeline.context(codec).name(), "served", served);
            pipeline.channel().attr(CONNECTION).set(new EdgeConnection(served, guard));
        }
        connection.exceptionHandler(e -> {
            // As for the server's.
        });
    }

    private void handleHttp2(HttpServerRequest request) {
        ConnectionBase connection = (ConnectionBase) request.connection();
        EdgeConnection own =
                connection.channelHandlerContext().channel().attr(CONNECTION).get();
        if (Http2Heads.isMalformed(request)) {
            run(request, own, Verdict.unrouted(Admission.UNAUTHORIZED, Problems.BAD_REQUEST));
        } else {
            handle(request, own);
        }
    }

    private void handle(HttpServerRequest request, EdgeConnection connection) {
        run(request, connection, verdict(request, shared.routing().get()));
    }

    private void run(HttpServerRequest request, EdgeConnection connection, Verdict verdict) {
        long start = shared.nanoTime().getAsLong();
        try {
            new Exchange(this, connection, request, shared.routing().get(), verdict, start).run();
        } catch (RuntimeException | InternalError e) {
            // An InternalError is how the JVM tells that a page of a mapping could not be had, perhaps late.
            tellDefect(e);
            request.connection().close();
        }
    }

    private Verdict verdict(HttpServerRequest request, Routing routing) {
        try {
            if (shared.refuseWhenFull() && !log.ready()) {
                return Verdict.unrouted(Admission.UNAUTHORIZED, Problems.LOG_FULL);
            }
            return judge.of(request, routing);
        } catch (RuntimeException e) {
            // A defect: the client still gets an answer, and the request its record.
            tellDefect(e);
            return Verdict.unrouted(Admission.UNAUTHORIZED, Problems.FAILED);
        }
    }

    private void handleMalformed(HttpServerRequest request, EdgeConnection connection) {
        if (request.decoderResult().cause() instanceof PrematureChannelClosureException) {
            // The client left within the head: there never was a request.
            return;
        }
        run(request, connection, Judge.ofMalformed(request));
    }

    /** Appends a request's record. Where the log cannot take it the request is served all the same, and counted as unlogged. */
    void append(RequestFacts facts) {
        metrics.route(facts.route()).count(facts.status(), facts.durationMicros());
        if (log.append(facts)) {
            appended++;
        }
    }

    int number() {
        return number;
    }

    /** Runs it on this event loop, in a turn of its own. */
    void later(Runnable action) {
        context.runOnContext(event -> action.run());
    }

    RenderedHeads heads() {
        return heads;
    }

    /** Requests that are with their origins now. */
    Set<ProxyCall> calls() {
        return calls;
    }

    ListenConfig.Limits limits() {
        return shared.limits();
    }

    /** Whether the log could take a record when it was last looked at; from any thread. */
    boolean logReady() {
        return logReady;
    }

    LoopMetrics metrics() {
        return metrics;
    }

    long nanos() {
        return shared.nanoTime().getAsLong();
    }

    /** As {@link #nanos}, up to a tick old. */
    long coarseNanos() {
        return coarse.nanos();
    }

    Instant now() {
        return shared.clock().instant();
    }

    /** Now, as the {@code Date} header has it; up to a tick old. */
    String date() {
        return date;
    }

    void tellDefect(Throwable e) {
        if (e instanceof InternalError) {
            log.suspectMapping();
        }
        // Once: a defect that every request meets must not write a line for each.
        if (!defectTold) {
            defectTold = true;
            StackTraceElement[] trace = e.getStackTrace();
            shared.notices()
                    .accept("defect in the edge, please report it: " + e + (trace.length > 0 ? " at " + trace[0] : ""));
        }
    }

    /** The event loop it runs on; from any thread, once it has been deployed. */
    EventLoop eventLoop() {
        return ((ContextInternal) context).nettyEventLoop();
    }

    /** The port in use, once it has been deployed. */
    int port() {
        return server.actualPort();
    }

    Future<Boolean> updateTls(ServerSSLOptions options) {
        return server.updateSSLOptions(options);
    }

    /** Accepts no more; completes when requests in flight are answered, or after that time without them. */
    Future<Void> stopAccepting(Duration atMost) {
        return server.shutdown(atMost);
    }

    /** Ends the stream once the last connection is gone; completes with the number of records appended. */
    Future<Long> endStream() {
        Promise<Long> promise = Promise.promise();
        context.runOnContext(event -> endStream(promise));
        return promise.future();
    }

    private void endStream(Promise<Long> promise) {
        if (!guards.isEmpty()) {
            // A connection's end is told to its handlers a little after it was closed.
            vertx.setTimer(LAST_CONNECTIONS_MILLIS, timer -> endStream(promise));
            return;
        }
        ended = true;
        log.end();
        promise.complete(appended);
    }
}
