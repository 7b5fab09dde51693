package io.counterfoil.edge;

import io.counterfoil.edge.config.EdgeConfig;
import io.counterfoil.edge.config.ListenConfig;
import io.counterfoil.edge.dataset.Fingerprint;
import io.counterfoil.edge.http.RoutingLoader;
import io.counterfoil.sql.OperatorException;

import java.nio.file.Path;
import java.util.Optional;
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
    private final Target target;
    private final Consumer<String> notices;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Semaphore wakes = new Semaphore(0);
    private final Thread thread = new Thread(this::run, "counterfoil-follow");
    private EdgeConfig config;
    private Followed settings;
    private Followed tls;
    private String settingsRefusal = "";
    private String tlsRefusal = "";

    /** Whom what changed is given to. */
    interface Target {
        RoutingLoader routing();

        /** @throws OperatorException category INPUT where the certificate cannot be used; the old one stays */
        void reloadTls(ListenConfig.Tls files);
    }

    /** How the files looked when they were last read and taken, and when they were last looked at. */
    private record Followed(long read, long seen) {}

    /**
     * @param looked the settings file before it was read: a change since is one
     * @param tlsLooked the certificate's files likewise
     * @param reader reads the settings again; throws what an operator is to be told
     */
    FollowedFiles(
            Path file,
            long looked,
            long tlsLooked,
            EdgeConfig config,
            Supplier<EdgeConfig> reader,
            Target target,
            Consumer<String> notices) {
        this.file = file;
        this.config = config;
        this.reader = reader;
        this.target = target;
        this.notices = notices;
        settings = new Followed(looked, looked);
        tls = new Followed(tlsLooked, tlsLooked);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Reads settings and certificate again now, changed or not, and datasets that changed. */
    void reload() {
        wakes.release();
    }

    private void run() {
        try {
            while (closing.getCount() > 0) {
                boolean told = wakes.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                // One that came just after the time was up counts too.
                told |= wakes.drainPermits() > 0;
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
            boolean due = told || (now != settings.read() && now == settings.seen());
            settings = new Followed(due && readSettings(told) ? now : settings.read(), now);
            now = looks(config.listen().tls());
            due = told || (now != tls.read() && now == tls.seen());
            tls = new Followed(due && readTls(told) ? now : tls.read(), now);
            target.routing().refreshDatasets(notices);
        } catch (RuntimeException e) {
            notices.accept("defect while following files, please report it: " + e);
        }
    }

    /** False where they are refused: they are read again at the next look, since what they name may come after them. */
    private boolean readSettings(boolean told) {
        try {
            EdgeConfig next = reader.get();
            target.routing().load(next.routing());
            String rest = next.sameButRouting(config)
                    ? ""
                    : "; what else changed in it takes a restart: only routes, cors, trusted_proxies, log_client, rate_limit_fields, rate_limit_from and usage do not";
            config = config.withRouting(next.routing());
            settingsRefusal = "";
            notices.accept("settings " + file + " read again: "
                    + next.routing().routes().size() + " routes" + rest);
            return true;
        } catch (OperatorException e) {
            String refusal = "ALARM settings " + file + " changed and are refused, those in use stay: "
                    + e.getMessage().replace("\n", "; ");
            tellOnce(refusal, settingsRefusal, told);
            settingsRefusal = refusal;
            return false;
        }
    }

    private boolean readTls(boolean told) {
        if (config.listen().tls().isEmpty()) {
            return true;
        }
        ListenConfig.Tls files = config.listen().tls().get();
        try {
            target.reloadTls(files);
            tlsRefusal = "";
            notices.accept("certificate " + files.certificate() + " read again, new connections get it");
            return true;
        } catch (OperatorException e) {
            String refusal = "ALARM the certificate changed and is refused, the one in use stays: " + e.getMessage();
            tellOnce(refusal, tlsRefusal, told);
            tlsRefusal = refusal;
            return false;
        }
    }

    private void tellOnce(String refusal, String last, boolean told) {
        if (told || !refusal.equals(last)) {
            notices.accept(refusal);
        }
    }

    private long settingsNow() {
        return looks(file);
    }

    /** How a certificate's files look now; 0 where there are none. */
    static long looks(Optional<ListenConfig.Tls> tls) {
        return tls.map(files -> looks(files.certificate()) * 31 + looks(files.key()))
                .orElse(0L);
    }

    /** How a file looks now: another number where it changed. */
    static long looks(Path path) {
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
