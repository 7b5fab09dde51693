package io.counterfoil.edge.http;

import io.counterfoil.edge.admission.KeyGate;
import io.counterfoil.edge.config.EdgeConfig;
import io.counterfoil.edge.config.ListenAddress;
import io.counterfoil.edge.config.ListenConfig;
import io.counterfoil.edge.config.LogConfig;
import io.counterfoil.edge.snapshot.CurrentSnapshot;
import io.counterfoil.edge.usage.UsageFigures;
import io.counterfoil.sql.OperatorException;
import io.netty.channel.EventLoop;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.SocketAddress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** The event loops that answer on one port, each with its own log. */
public final class EdgeServer {
    private static final long START_SECONDS = 30;
    private static final long AFTER_DRAIN_SECONDS = 5;

    private final Vertx vertx;
    private final List<EdgeLoop> loops;
    private final RoutingLoader routing;
    private final String transport;

    private EdgeServer(Prepared prepared) {
        this.vertx = prepared.opened.vertx();
        this.transport = prepared.opened.transport();
        this.loops = new ArrayList<>();
        this.routing = prepared.routing;
    }

    /**
     * What a server is made of beside its settings.
     *
     * @param logs the log of each event loop
     * @param clock for flags and headers; the log has its own
     */
    public record Parts(IntFunction<RequestLog> logs, CurrentSnapshot snapshot, InstantSource clock) {}

    /** All of a server that needs neither log nor snapshot, and can be made while those are opened. Started, or closed. */
    public static final class Prepared implements AutoCloseable {
        private final EdgeConfig config;
        private final SocketAddress address;
        private final Optional<ServerSSLOptions> tls;
        private final Transports.Opened opened;
        private final AtomicReference<Routing> current = new AtomicReference<>();
        private final RoutingLoader routing;

        private Prepared(EdgeConfig config, UsageFigures usage) {
            this.config = config;
            address = address(config.listen().address());
            tls = config.listen().tls().map(TlsOptions::read);
            opened = openVertx(config);
            routing = new RoutingLoader(opened.vertx(), config.eventLoops(), current, new UsageReplies(usage));
        }

        @Override
        public void close() {
            closeVertx(opened.vertx());
        }
    }

    /**
     * Opens the engine and loads the routes.
     *
     * @param usage whom callers are told their use by
     * @throws OperatorException category INPUT where the address, a dataset or the certificate cannot be used
     */
    public static Prepared prepare(EdgeConfig config, UsageFigures usage) {
        Prepared prepared = new Prepared(config, usage);
        try {
            prepared.routing.load(config.routing());
            return prepared;
        } catch (RuntimeException e) {
            prepared.close();
            throw e;
        }
    }

    /**
     * Starts to answer.
     *
     * @throws OperatorException category INPUT where the address cannot be listened on; what was prepared is closed then
     */
    public static EdgeServer start(Prepared prepared, Parts parts, Consumer<String> notices) {
        EdgeConfig config = prepared.config;
        EdgeServer server = new EdgeServer(prepared);
        EdgeShared shared = new EdgeShared(
                prepared.address,
                ServerOptions.of(config, prepared.tls),
                config.listen().limits(),
                config.log().sealAfter(),
                prepared.current,
                config.log().whenFull() == LogConfig.WhenFull.REFUSE,
                parts.clock(),
                System::nanoTime,
                notices);
        for (int i = 0; i < config.eventLoops(); i++) {
            Judge judge = new Judge(new KeyGate(parts.snapshot(), parts.clock()));
            server.loops.add(new EdgeLoop(i, parts.logs().apply(i), judge, shared));
        }
        server.deploy(config.listen().address());
        return server;
    }

    private static Transports.Opened openVertx(EdgeConfig config) {
        String transport = config.listen().transport();
        VertxOptions options = new VertxOptions()
                .setEventLoopPoolSize(config.eventLoops())
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false));
        return Transports.open(transport, options)
                .orElseThrow(() -> OperatorException.input("transport '" + transport
                        + "' is not to be had from this kernel or in this container; set 'transport' to auto"));
    }

    private void deploy(ListenAddress listen) {
        try {
            Iterator<EdgeLoop> next = loops.iterator();
            await(vertx.deployVerticle(next::next, new DeploymentOptions().setInstances(loops.size())), START_SECONDS);
            requireLoopsOfTheirOwn();
        } catch (RuntimeException | TimeoutException e) {
            closeVertx(vertx);
            throw OperatorException.input("cannot listen on " + listen + ": " + reason(e)
                    + "; set 'listen' or --listen to an address of this machine with a free port");
        }
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

    /** How the kernel is asked: io_uring, epoll or nio. */
    public String transport() {
        return transport;
    }

    /** Reloads what is answered to whom, while requests go on. */
    public RoutingLoader routing() {
        return routing;
    }

    /** Whether every event loop's log could take a record when it was last looked at. */
    public boolean logReady() {
        return loops.stream().allMatch(EdgeLoop::logReady);
    }

    /** What each event loop counts. */
    public List<LoopMetrics> metrics() {
        return loops.stream().map(EdgeLoop::metrics).toList();
    }

    /**
     * Reads the certificate anew; new connections get it, those that are open keep theirs.
     *
     * @throws OperatorException category INPUT where it cannot be used; the old one stays
     */
    public void reloadTls(ListenConfig.Tls files) {
        ServerSSLOptions options = TlsOptions.read(files);
        try {
            await(
                    Future.join(
                            loops.stream().map(loop -> loop.updateTls(options)).toList()),
                    START_SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("the certificate was not taken within " + START_SECONDS + " s", e);
        }
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
            closeVertx(vertx);
        }
    }

    private static void closeVertx(Vertx vertx) {
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
