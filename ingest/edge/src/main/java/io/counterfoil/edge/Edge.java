package io.counterfoil.edge;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.log.AccessLog;
import io.counterfoil.accesslog.log.AccessLogConfig;
import io.counterfoil.accesslog.log.FolderInUseException;
import io.counterfoil.accesslog.log.MicroClock;
import io.counterfoil.edge.config.EdgeConfig;
import io.counterfoil.edge.config.ListenAddress;
import io.counterfoil.edge.dataset.DatasetFolder;
import io.counterfoil.edge.http.EdgeServer;
import io.counterfoil.edge.route.Route;
import io.counterfoil.edge.route.RouteTable;
import io.counterfoil.edge.snapshot.Snapshot;
import io.counterfoil.edge.snapshot.SnapshotRefresh;
import io.counterfoil.edge.snapshot.SnapshotSource;
import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A running edge: its log, its snapshot, its server. Started once, drained once. */
public final class Edge {
    /** How long requests in flight have, once the edge is told to stop. */
    private static final Duration DRAIN = Duration.ofSeconds(10);

    private final EdgeConfig config;
    private final AccessLog log;
    private final SnapshotRefresh refresh;
    private final EdgeServer server;
    private final Consumer<String> notices;

    private Edge(
            EdgeConfig config, AccessLog log, SnapshotRefresh refresh, EdgeServer server, Consumer<String> notices) {
        this.config = config;
        this.log = log;
        this.refresh = refresh;
        this.server = server;
        this.notices = notices;
    }

    /**
     * Starts an edge; when this returns, requests are answered.
     *
     * @param jdbcUrl of the database that holds keys and flags
     * @param clock of records, flags and headers
     * @param notices one line a state change; called from any thread
     * @throws OperatorException category INPUT where a setting or the data folder is not right, CORRUPT where what the data folder
     *     holds is, DOWN where a new edge cannot reach the database
     */
    public static Edge start(EdgeConfig config, String jdbcUrl, InstantSource clock, Consumer<String> notices) {
        SnapshotSource source = new SnapshotSource(config.edge(), jdbcUrl, clock);
        RouteTable routes = new RouteTable(config.routes().stream()
                .map(route -> new Route(route.name(), route.path(), DatasetFolder.load(route.dataset()), route.units()))
                .toList());
        SnapshotRefresh.requireReachableIfNew(source, config.data());
        AccessLog log = openLog(config, clock, notices);
        List<AutoCloseable> opened = new ArrayList<>(List.of(log));
        try {
            SnapshotRefresh refresh =
                    SnapshotRefresh.open(source, config.data(), config.snapshotPoll(), clock, notices);
            opened.add(0, refresh);
            EdgeServer server = EdgeServer.start(
                    new EdgeServer.Parts(
                            config.listen(),
                            config.eventLoops(),
                            config.sealAfter(),
                            log,
                            routes,
                            refresh.current(),
                            clock),
                    notices);
            refresh.start();
            Edge edge = new Edge(config, log, refresh, server, notices);
            edge.tellStart();
            return edge;
        } catch (IOException e) {
            giveUp(config, log, opened, notices);
            throw OperatorException.input("data folder " + config.data() + " cannot be read: " + e.getMessage());
        } catch (RuntimeException e) {
            giveUp(config, log, opened, notices);
            throw e;
        }
    }

    private static AccessLog openLog(EdgeConfig config, InstantSource clock, Consumer<String> notices) {
        try {
            return AccessLog.open(
                    AccessLogConfig.of(config.data(), config.edge(), config.eventLoops()),
                    new FolderLanding(config.landing()),
                    MicroClock.of(clock),
                    notices);
        } catch (FolderInUseException e) {
            throw OperatorException.input(e.getMessage());
        } catch (IOException e) {
            // Where the log found something that it cannot read, it says so with a cause.
            if (e.getCause() != null && !(e.getCause() instanceof FileSystemException)) {
                throw OperatorException.corrupt("log in " + config.data() + " is corrupt: " + e.getMessage()
                        + "; keep a copy of the folder and give this edge a new one");
            }
            throw OperatorException.input("log in " + config.data() + " cannot be opened: " + e.getMessage());
        }
    }

    /** No request was answered: the streams end empty, so that nobody waits for this epoch. */
    private static void giveUp(EdgeConfig config, AccessLog log, List<AutoCloseable> opened, Consumer<String> notices) {
        for (int i = 0; i < config.eventLoops(); i++) {
            log.stream(i).end();
        }
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
        notices.accept("edge " + config.edge() + " answers on http://" + address() + ", epoch " + log.epoch()
                + ", snapshot version " + snapshot.version() + " (" + snapshot.keyCount()
                + (snapshot.keyCount() == 1 ? " key)" : " keys)"));
    }

    /** Where it answers, with the real port. */
    public ListenAddress address() {
        return config.listen().withPort(server.port());
    }

    /** Stops: accepts no more, finishes what is in flight within ten seconds, seals and ships every stream to its end. */
    public void drain() throws IOException {
        notices.accept("edge " + config.edge() + " stops: requests in flight have " + DRAIN.toSeconds() + " s");
        refresh.close();
        long records = server.drain(DRAIN);
        log.close();
        long waiting = waitingSegments();
        notices.accept("edge " + config.edge() + " stopped: " + records + " records of epoch " + log.epoch()
                + " sealed, " + config.eventLoops() + " streams ended, "
                + (waiting == 0
                        ? "all shipped to " + config.landing()
                        : waiting + " segments wait in " + config.data() + " for the next start to ship them"));
    }

    private long waitingSegments() throws IOException {
        Path sealed = config.data().resolve("sealed");
        if (!Files.isDirectory(sealed)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(sealed)) {
            return files.filter(file -> file.toString().endsWith(".csv.zst")).count();
        }
    }
}
