package io.counterfoil.edge;

import io.counterfoil.edge.config.EdgeConfig;
import io.counterfoil.edge.config.ListenConfig;
import io.counterfoil.edge.dataset.Fingerprint;
import io.counterfoil.edge.http.EdgeServer;
import io.counterfoil.sql.OperatorException;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Follows the settings file, the datasets and the certificate while the edge serves: looks once a second, and at once when it is
 * told to. What is broken changes nothing and is told. One thread of its own.
 */
final class FollowedFiles implements AutoCloseable {
    private static final long LOOK_MILLIS = 1_000;
    private static final long CLOSE_MILLIS = 5_000;

    private final Path file;
    private final Supplier<EdgeConfig> reader;
    private final EdgeServer server;
    private final Consumer<String> notices;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Semaphore wakes = new Semaphore(0);
    private final Thread thread = new Thread(this::run, "counterfoil-follow");
    private EdgeConfig config;
    private Followed settings;
    private Followed tls;

    /** How the files looked when they were read, and when they were last looked at. */
    private record Followed(long read, long seen) {}

    /** @param reader reads the settings again; throws what an operator is to be told */
    FollowedFiles(
            Path file, EdgeConfig config, Supplier<EdgeConfig> reader, EdgeServer server, Consumer<String> notices) {
        this.file = file;
        this.config = config;
        this.reader = reader;
        this.server = server;
        this.notices = notices;
        settings = new Followed(settingsNow(), settingsNow());
        tls = new Followed(tlsNow(), tlsNow());
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Reads everything again now, changed or not. */
    void reload() {
        wakes.release();
    }

    private void run() {
        try {
            while (closing.getCount() > 0) {
                boolean told = wakes.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                wakes.drainPermits();
                if (closing.getCount() > 0) {
                    look(told);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(boolean told) {
        try {
            long now = settingsNow();
            // A file that is still being written is left alone until it has looked the same twice.
            if (told || (now != settings.read() && now == settings.seen())) {
                settings = new Followed(now, now);
                readSettings();
            } else {
                settings = new Followed(settings.read(), now);
            }
            now = tlsNow();
            if (told || (now != tls.read() && now == tls.seen())) {
                tls = new Followed(now, now);
                config.listen().tls().ifPresent(this::readTls);
            } else {
                tls = new Followed(tls.read(), now);
            }
            server.routing().refreshDatasets(notices);
        } catch (RuntimeException e) {
            notices.accept("defect while following files, please report it: " + e);
        }
    }

    private void readSettings() {
        try {
            EdgeConfig next = reader.get();
            server.routing().load(next.routing());
            String rest = next.sameButRouting(config)
                    ? ""
                    : "; what else changed in it takes a restart: only routes, cors, trusted_proxies and log_client do not";
            config = config.withRouting(next.routing());
            notices.accept("settings " + file + " read again: "
                    + next.routing().routes().size() + " routes" + rest);
        } catch (OperatorException e) {
            notices.accept("ALARM settings " + file + " changed and are refused, those in use stay: "
                    + e.getMessage().replace("\n", "; "));
        }
    }

    private void readTls(ListenConfig.Tls files) {
        try {
            server.reloadTls(files);
            notices.accept("certificate " + files.certificate() + " read again, new connections get it");
        } catch (OperatorException e) {
            notices.accept("ALARM the certificate changed and is refused, the one in use stays: " + e.getMessage());
        }
    }

    private long settingsNow() {
        return looks(file);
    }

    private long tlsNow() {
        return config.listen()
                .tls()
                .map(files -> looks(files.certificate()) * 31 + looks(files.key()))
                .orElse(0L);
    }

    private static long looks(Path path) {
        try {
            return Fingerprint.of(path);
        } catch (OperatorException e) {
            // Gone, perhaps for a moment: whoever replaces it puts another one there.
            return 0;
        }
    }

    @Override
    public void close() {
        closing.countDown();
        wakes.release();
        try {
            thread.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
