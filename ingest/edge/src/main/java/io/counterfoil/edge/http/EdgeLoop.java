package io.counterfoil.edge.http;

import io.counterfoil.accesslog.log.LogStream;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.edge.admission.Admission;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.http1.Http1ServerConnection;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.SocketAddress;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** One event loop of the edge with the log stream that is its alone: accepts, answers, appends, rolls. */
final class EdgeLoop extends VerticleBase {
    private static final long IDLE_SEAL_MICROS = Duration.ofSeconds(60).toNanos() / 1000;
    private static final long DATE_MILLIS = 500;
    private static final long LAST_CONNECTIONS_MILLIS = 5;

    private final LogStream stream;
    private final Answers answers;
    private final Listening listening;
    private final Duration sealAfter;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Consumer<String> notices;
    private HttpServer server;
    private String date = "";
    private int connections;
    private long appended;
    private boolean ended;
    private boolean defectTold;

    /** Where to accept connections, and within which bounds. */
    record Listening(SocketAddress address, HttpServerOptions options) {}

    EdgeLoop(
            LogStream stream,
            Answers answers,
            Listening listening,
            Duration sealAfter,
            InstantSource clock,
            LongSupplier nanoTime,
            Consumer<String> notices) {
        this.stream = stream;
        this.answers = answers;
        this.listening = listening;
        this.sealAfter = sealAfter;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.notices = notices;
    }

    @Override
    public Future<?> start() {
        context.exceptionHandler(this::tellDefect);
        setDate();
        vertx.setPeriodic(DATE_MILLIS, timer -> setDate());
        vertx.setPeriodic(sealAfter.toMillis(), timer -> stream.rollIfDue(IDLE_SEAL_MICROS));
        server = vertx.createHttpServer(listening.options())
                .requestHandler(request -> {
                    throw new IllegalStateException("each connection has a handler of its own");
                })
                .exceptionHandler(e -> {
                    // A connection that broke: its requests are recorded where they are handled.
                })
                .connectionHandler(this::connected);
        return server.listen(listening.address());
    }

    private void connected(HttpConnection connection) {
        if (ended) {
            connection.close();
            return;
        }
        Http1ServerConnection http = (Http1ServerConnection) connection;
        connections++;
        ServedCounter counter = new ServedCounter(stream, () -> connections--);
        http.channelHandlerContext().pipeline().addBefore("handler", "served", counter);
        http.handler(request -> handle(request, counter));
        http.invalidRequestHandler(request -> handleMalformed(request, counter));
        http.exceptionHandler(e -> {
            // As for the server's.
        });
    }

    private void handle(HttpServerRequest request, ServedCounter counter) {
        long start = nanoTime.getAsLong();
        counter.begin();
        new Exchange(this, request, answer(request), start).run();
    }

    private Answer answer(HttpServerRequest request) {
        try {
            return answers.to(request);
        } catch (RuntimeException e) {
            // A defect: the client still gets an answer, and the request its record.
            tellDefect(e);
            return Answer.problem(Admission.UNAUTHORIZED, Optional.empty(), Problems.FAILED);
        }
    }

    private void handleMalformed(HttpServerRequest request, ServedCounter counter) {
        if (request.decoderResult().cause() instanceof PrematureChannelClosureException) {
            // The client left within the head: there never was a request.
            return;
        }
        counter.begin();
        new Exchange(this, request, Answers.toMalformed(request), nanoTime.getAsLong()).run();
    }

    /** Appends a request's record. Where the log cannot take it the request is served all the same, and counted as unlogged. */
    void append(RequestFacts facts) {
        if (stream.append(facts)) {
            appended++;
        }
    }

    long nanos() {
        return nanoTime.getAsLong();
    }

    Instant now() {
        return clock.instant();
    }

    /** Now, as the {@code Date} header has it; up to half a second old. */
    String date() {
        return date;
    }

    private void setDate() {
        date = DateTimeFormatter.RFC_1123_DATE_TIME.format(clock.instant().atOffset(ZoneOffset.UTC));
    }

    private void tellDefect(Throwable e) {
        // Once: a defect that every request meets must not write a line for each.
        if (!defectTold) {
            defectTold = true;
            StackTraceElement[] trace = e.getStackTrace();
            notices.accept("defect in the edge, please report it: " + e + (trace.length > 0 ? " at " + trace[0] : ""));
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
        if (connections > 0) {
            // A connection's end is told to its handlers a little after it was closed.
            vertx.setTimer(LAST_CONNECTIONS_MILLIS, timer -> endStream(promise));
            return;
        }
        ended = true;
        stream.end();
        promise.complete(appended);
    }
}
