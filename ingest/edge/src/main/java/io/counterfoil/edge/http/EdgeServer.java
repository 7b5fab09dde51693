package io.counterfoil.edge.http;

import io.counterfoil.accesslog.log.AccessLog;
import io.counterfoil.edge.admission.KeyGate;
import io.counterfoil.edge.config.ListenAddress;
import io.counterfoil.edge.route.RouteTable;
import io.counterfoil.edge.snapshot.CurrentSnapshot;
import io.counterfoil.sql.OperatorException;
import io.netty.channel.EventLoop;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** The event loops that answer HTTP/1.1 on one port, each with its own log stream. */
public final class EdgeServer {
    private static final int MAX_REQUEST_LINE_BYTES = 8 << 10;
    private static final int MAX_HEADER_BYTES = 16 << 10;
    private static final int IDLE_SECONDS = 60;
    private static final long START_SECONDS = 30;
    private static final long AFTER_DRAIN_SECONDS = 5;

    private final Vertx vertx;
    private final List<EdgeLoop> loops;

    private EdgeServer(Vertx vertx, List<EdgeLoop> loops) {
        this.vertx = vertx;
        this.loops = loops;
    }

    /**
     * What the event loops share.
     *
     * @param loops how many; the log has as many streams
     * @param sealAfter how old a record may get before its segment is rolled
     * @param clock for flags and headers; the log has its own
     */
    public record Parts(
            ListenAddress listen,
            int loops,
            Duration sealAfter,
            AccessLog log,
            RouteTable routes,
            CurrentSnapshot snapshot,
            InstantSource clock) {}

    /**
     * Starts to answer.
     *
     * @throws OperatorException category INPUT where the address cannot be listened on
     */
    public static EdgeServer start(Parts parts, Consumer<String> notices) {
        SocketAddress address = address(parts.listen());
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(parts.loops())
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setPreferNativeTransport(true)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        List<EdgeLoop> loops = new ArrayList<>();
        for (int i = 0; i < parts.loops(); i++) {
            Answers answers = new Answers(parts.routes(), new KeyGate(parts.snapshot(), parts.clock()));
            loops.add(new EdgeLoop(
                    parts.log().stream(i),
                    answers,
                    new EdgeLoop.Listening(address, options()),
                    parts.sealAfter(),
                    parts.clock(),
                    System::nanoTime,
                    notices));
        }
        EdgeServer server = new EdgeServer(vertx, loops);
        try {
            Iterator<EdgeLoop> next = loops.iterator();
            await(vertx.deployVerticle(next::next, new DeploymentOptions().setInstances(loops.size())), START_SECONDS);
            server.requireLoopsOfTheirOwn();
            return server;
        } catch (RuntimeException | TimeoutException e) {
            server.closeVertx();
            throw OperatorException.input("cannot listen on " + parts.listen() + ": " + reason(e)
                    + "; set 'listen' or --listen to an address of this machine with a free port");
        }
    }

    private static HttpServerOptions options() {
        return new HttpServerOptions()
                .setStrictThreadMode(true)
                .setHttp2ClearTextEnabled(false)
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setHandle100ContinueAutomatically(true)
                .setMaxInitialLineLength(MAX_REQUEST_LINE_BYTES)
                .setMaxHeaderSize(MAX_HEADER_BYTES)
                .setIdleTimeout(IDLE_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS);
    }

    private static SocketAddress address(ListenAddress listen) {
        try {
            String host = InetAddress.getByName(listen.host()).getHostAddress();
            // Any free port, but the same for all event loops.
            return listen.port() == 0
                    ? SocketAddress.sharedRandomPort(1, host)
                    : SocketAddress.inetSocketAddress(listen.port(), host);
        } catch (UnknownHostException e) {
            throw OperatorException.input("cannot listen on " + listen + ": there is no host '" + listen.host()
                    + "'; set 'listen' or --listen to an address of this machine");
        }
    }

    /** A stream has one writer and takes no lock: two on one event loop's neighbour would corrupt it. */
    private void requireLoopsOfTheirOwn() {
        Set<EventLoop> distinct = new HashSet<>();
        loops.forEach(loop -> distinct.add(loop.eventLoop()));
        if (distinct.size() != loops.size()) {
            throw new IllegalStateException(
                    loops.size() + " loops were deployed on " + distinct.size() + " event loops, expected one each");
        }
    }

    /** The port in use. */
    public int port() {
        return loops.get(0).port();
    }

    /**
     * Accepts no more, lets requests in flight finish for at most that long, and ends every log stream.
     *
     * @return how many records were appended since the start
     */
    public long drain(Duration atMost) {
        long seconds = atMost.toSeconds() + AFTER_DRAIN_SECONDS;
        try {
            await(
                    Future.join(loops.stream()
                            .map(loop -> loop.stopAccepting(atMost))
                            .toList()),
                    seconds);
            long appended = 0;
            for (EdgeLoop loop : loops) {
                appended += await(loop.endStream(), AFTER_DRAIN_SECONDS);
            }
            return appended;
        } catch (TimeoutException e) {
            throw new IllegalStateException("requests in flight did not end within " + seconds + " s", e);
        } finally {
            closeVertx();
        }
    }

    private void closeVertx() {
        try {
            await(vertx.close(), AFTER_DRAIN_SECONDS);
        } catch (TimeoutException e) {
            // Its threads are of no more use to anyone, and the process is about to end.
            return;
        }
    }

    private static <T> T await(Future<T> future, long seconds) throws TimeoutException {
        return future.await(seconds, TimeUnit.SECONDS);
    }

    private static String reason(Exception e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
