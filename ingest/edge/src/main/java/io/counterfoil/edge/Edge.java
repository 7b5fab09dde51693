package io.counterfoil.edge;

import io.counterfoil.accesslog.file.Reason;
import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.landing.LandingAddress;
import io.counterfoil.accesslog.log.AccessLog;
import io.counterfoil.accesslog.log.AccessLogConfig;
import io.counterfoil.accesslog.log.CorruptFolderException;
import io.counterfoil.accesslog.log.FolderInUseException;
import io.counterfoil.accesslog.log.LogStats;
import io.counterfoil.accesslog.log.MicroClock;
import io.counterfoil.edge.admin.AdminServer;
import io.counterfoil.edge.collector.Collector;
import io.counterfoil.edge.config.EdgeConfig;
import io.counterfoil.edge.config.ListenAddress;
import io.counterfoil.edge.config.ListenConfig;
import io.counterfoil.edge.feed.SnapshotFeed;
import io.counterfoil.edge.http.EdgeServer;
import io.counterfoil.edge.http.RequestLog;
import io.counterfoil.edge.http.RoutingLoader;
import io.counterfoil.edge.http.TlsOptions;
import io.counterfoil.edge.snapshot.Snapshot;
import io.counterfoil.edge.snapshot.SnapshotRefresh;
import io.counterfoil.edge.snapshot.SnapshotSettings;
import io.counterfoil.edge.snapshot.SnapshotSource;
import io.counterfoil.edge.usage.UsageFigures;
import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A running edge: its log, its snapshot, its servers. Started once, drained once. */
public final class Edge {
    private final EdgeConfig config;
    private final AccessLog log;
    private final SnapshotRefresh refresh;
    private final EdgeServer server;
    private final UsageFigures usage;
    private final Consumer<String> notices;
    private final Readiness readiness;
    private final long tlsLooked;
    private Optional<AdminServer> admin = Optional.empty();
    private Optional<SnapshotFeed> feed = Optional.empty();
    private Optional<Collector> collector = Optional.empty();
    private Optional<FollowedFiles> followed = Optional.empty();

    private Edge(
            EdgeConfig config,
            AccessLog log,
            SnapshotRefresh refresh,
            EdgeServer server,
            UsageFigures usage,
            long tlsLooked,
            Consumer<String> notices) {
        this.config = config;
        this.log = log;
        this.refresh = refresh;
        this.server = server;
        this.usage = usage;
        this.tlsLooked = tlsLooked;
        this.notices = notices;
        readiness = new Readiness(server, refresh);
    }

    /**
     * Starts an edge; when this returns, requests are answered.
     *
     * @param secrets where keys and flags are, and who may read them by the feed
     * @param clock of records, flags and headers
     * @param notices one line a state change; called from any thread
     * @throws OperatorException category INPUT where a setting or the data folder is not right, CORRUPT where what the data folder
     *     holds is, DOWN where a new edge cannot reach the database
     */
    public static Edge start(EdgeConfig config, EdgeSecrets secrets, InstantSource clock, Consumer<String> notices) {
        Path data = config.log().data();
        long tlsLooked = FollowedFiles.looks(config.listen().tls());
        Deque<AutoCloseable> opened = new ArrayDeque<>();
        // On another processor: it takes about as long as all up to the snapshot.
        UsageFigures usage = new UsageFigures(secrets.jdbcUrl(), clock, notices);
        opened.push(usage);
        CompletableFuture<EdgeServer.Prepared> preparing =
                CompletableFuture.supplyAsync(() -> EdgeServer.prepare(config, usage), Edge::runBeside);
        opened.push(() -> closePrepared(preparing));
        try {
            SnapshotSource source = new SnapshotSource(config.edge(), secrets.jdbcUrl(), clock);
            SnapshotRefresh.requireReachableIfNew(source, data);
            AccessLog log = openLog(config, clock, notices);
            opened.push(() -> end(log, config.eventLoops()));
            SnapshotRefresh refresh = SnapshotRefresh.open(
                    source.inEpoch(log.epoch().toString()),
                    new SnapshotSettings(
                            data, config.snapshot().poll(), config.snapshot().accept()),
                    clock,
                    notices);
            opened.push(refresh);
            EdgeServer server = EdgeServer.start(
                    result(preparing),
                    new EdgeServer.Parts(loop -> RequestLog.of(log.stream(loop)), refresh.current(), clock),
                    notices);
            opened.push(() -> server.drain(Duration.ZERO));
            Edge edge = new Edge(config, log, refresh, server, usage, tlsLooked, notices);
            edge.startFeed(secrets, clock);
            edge.startCollector(secrets, clock);
            edge.startAdmin();
            refresh.start();
            edge.tellStart();
            return edge;
        } catch (IOException e) {
            giveUp(opened, notices);
            throw OperatorException.input("data folder " + data + " cannot be read: " + e.getMessage()
                    + "; see who owns it and whether its disk works");
        } catch (RuntimeException | Error e) {
            giveUp(opened, notices);
            throw e;
        }
    }

    private static void runBeside(Runnable work) {
        Thread thread = new Thread(work, "counterfoil-prepare");
        thread.setDaemon(true);
        thread.start();
    }

    /** What kept it from being prepared has been told. */
    private static void closePrepared(CompletableFuture<EdgeServer.Prepared> preparing) {
        preparing
                .handle((prepared, failure) -> {
                    if (prepared != null) {
                        prepared.close();
                    }
                    return prepared;
                })
                .join();
    }

    private static EdgeServer.Prepared result(CompletableFuture<EdgeServer.Prepared> preparing) {
        try {
            return preparing.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /** @throws OperatorException category INPUT or CORRUPT where the data folder or the landing cannot be used */
    static AccessLog openLog(EdgeConfig config, InstantSource clock, Consumer<String> notices) {
        Path data = config.log().data();
        try {
            return AccessLog.open(
                    AccessLogConfig.of(data, config.edge(), config.eventLoops())
                            .withForceEvery(config.log().forceEvery())
                            .withMaxWaitingBytes(config.log().maxWaitingBytes()),
                    openLanding(config.log().landing()),
                    MicroClock.of(clock),
                    notices);
        } catch (FolderInUseException e) {
            throw OperatorException.input(e.getMessage());
        } catch (CorruptFolderException e) {
            throw OperatorException.corrupt("log in " + data + " is corrupt: " + e.getMessage()
                    + "; keep a copy of the folder before anything is changed in it");
        } catch (IOException e) {
            throw OperatorException.input("log in " + data + " cannot be opened: " + Reason.of(e)
                    + "; see who owns the folder, and that its disk works and has space");
        }
    }

    private static Landing openLanding(String address) {
        try {
            return LandingAddress.parse(address).open();
        } catch (IllegalArgumentException e) {
            throw OperatorException.input("landing cannot be used: " + e.getMessage());
        }
    }

    private void startAdmin() {
        admin = config.listen()
                .beside()
                .admin()
                .map(address -> AdminServer.start(
                        address,
                        new EdgeMetrics(server, log, refresh, collector.map(open -> open::stats)),
                        readiness::reasonsNotReady));
    }

    private void startFeed(EdgeSecrets secrets, InstantSource clock) {
        feed = config.listen()
                .beside()
                .feed()
                .map(address -> SnapshotFeed.start(
                        address,
                        config.listen().tls().map(TlsOptions::read),
                        new SnapshotFeed.Parts(
                                secrets.jdbcUrl(),
                                refresh.current(),
                                secrets.feed(),
                                clock,
                                config.log().data().resolve("feed")),
                        notices));
    }

    private void startCollector(EdgeSecrets secrets, InstantSource clock) {
        collector = config.listen()
                .beside()
                .collector()
                .map(collecting -> Collector.start(
                        collecting,
                        config.listen().tls().map(TlsOptions::read),
                        new Collector.Parts(
                                config.edge(),
                                config.log(),
                                openLanding(config.log().landing()),
                                secrets.collector(),
                                secrets.jdbcUrl(),
                                refresh.current(),
                                clock),
                        notices));
    }

    /** All listeners' new connections get it. */
    private void reloadTls(ListenConfig.Tls files) {
        server.reloadTls(files);
        feed.ifPresent(open -> open.updateTls(TlsOptions.read(files)));
        collector.ifPresent(open -> open.updateTls(TlsOptions.read(files)));
    }

    /** No request was answered: the streams end empty, so that nobody waits for this epoch. Where a server was started, it has ended them. */
    private static void end(AccessLog log, int streams) throws IOException {
        for (int i = 0; i < streams; i++) {
            log.stream(i).end();
        }
        log.close();
    }

    private static void giveUp(Deque<AutoCloseable> opened, Consumer<String> notices) {
        for (AutoCloseable part : opened) {
            try {
                part.close();
            } catch (Exception e) {
                notices.accept("giving up, the next start recovers what is left: " + e.getMessage());
            }
        }
    }

    private void tellStart() {
        Snapshot snapshot = refresh.current().get();
        String scheme = config.listen().tls().isPresent() ? "https" : "http";
        notices.accept("edge " + config.edge() + " answers on " + scheme + "://" + address() + ", transport "
                + server.transport() + ", epoch " + log.epoch()
                + ", snapshot version " + snapshot.version() + " (" + snapshot.keyCount()
                + (snapshot.keyCount() == 1 ? " key)" : " keys)")
                + adminAddress()
                        .map(address -> ", health and metrics on http://" + address)
                        .orElse("")
                + feedAddress()
                        .map(address -> ", snapshots on " + scheme + "://" + address + "/snapshot")
                        .orElse("")
                + collectorAddress()
                        .map(address -> ", records on " + scheme + "://" + address + "/v1/records")
                        .orElse(""));
    }

    /** Where it answers, with the real port. */
    public ListenAddress address() {
        return config.listen().address().withPort(server.port());
    }

    /** Where health and metrics are, with the real port; empty where they are off. */
    public Optional<ListenAddress> adminAddress() {
        return admin.map(AdminServer::address);
    }

    /** Where the feed is, with the real port; empty where it is off. */
    public Optional<ListenAddress> feedAddress() {
        return feed.map(open -> config.listen().beside().feed().orElseThrow().withPort(open.port()));
    }

    /** Where records are taken, with the real port; empty where that is off. */
    public Optional<ListenAddress> collectorAddress() {
        return collector.map(open ->
                config.listen().beside().collector().orElseThrow().address().withPort(open.port()));
    }

    /** How its log is doing. */
    public LogStats log() {
        return log.stats();
    }

    /**
     * From here on the settings file, the datasets and the certificate are read again when they change.
     *
     * @param looked {@link FollowedFiles#looks} of the settings file before it was read
     * @param reader reads the settings again; throws what an operator is to be told
     */
    public void follow(Path file, long looked, Supplier<EdgeConfig> reader) {
        FollowedFiles files = new FollowedFiles(file, looked, tlsLooked, config, reader, new Followed(), notices);
        followed = Optional.of(files);
        files.start();
    }

    private final class Followed implements FollowedFiles.Target {
        @Override
        public RoutingLoader routing() {
            return server.routing();
        }

        @Override
        public void reloadTls(ListenConfig.Tls files) {
            Edge.this.reloadTls(files);
        }
    }

    /** Reads settings and certificate again, changed or not, and datasets that changed. */
    public void reload() {
        followed.ifPresent(FollowedFiles::reload);
    }

    /** Stops: accepts no more, finishes what is in flight within the time set for it, seals and ships every stream to its end. */
    public void drain() throws IOException {
        Duration time = config.listen().drain();
        notices.accept("edge " + config.edge() + " stops: requests in flight have " + time.toMillis() / 1000.0 + " s");
        readiness.stopping();
        long records = server.drain(time);
        followed.ifPresent(FollowedFiles::close);
        refresh.close();
        usage.close();
        feed.ifPresent(SnapshotFeed::close);
        collector.ifPresent(Collector::close);
        log.close();
        long waiting = log.stats().waitingSegments();
        admin.ifPresent(AdminServer::close);
        notices.accept("edge " + config.edge() + " stopped: " + records + " records of epoch " + log.epoch()
                + " sealed, " + config.eventLoops() + " streams ended, "
                + (waiting == 0
                        ? "all shipped to " + config.log().landing()
                        : waiting + " segments wait in " + config.log().data() + " for the next start to ship them"));
    }
}
