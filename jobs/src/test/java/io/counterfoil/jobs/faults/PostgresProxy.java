package io.counterfoil.jobs.faults;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Stands on loopback between a driver and Postgres, passes everything on, and stops the first merge that comes by at one point until a
 * test says how it goes on.
 */
final class PostgresProxy implements AutoCloseable {
    private static final int SECONDS = 60;

    private final URI postgres;
    private final Point point;
    private final ServerSocket listener;
    private final AtomicBoolean armed = new AtomicBoolean(true);
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CompletableFuture<Boolean> goesOn = new CompletableFuture<>();
    private final Set<ProxiedSession> sessions = ConcurrentHashMap.newKeySet();

    /** Where the merge is stopped. */
    enum Point {
        /** Staged, nothing of the merge is sent on. */
        BEFORE_MERGE,
        /** All of the merge is done but its COMMIT, which is not sent on. */
        BEFORE_COMMIT,
        /** The COMMIT is done, its reply is not sent on. */
        AFTER_COMMIT
    }

    private PostgresProxy(String jdbcUrl, Point point) throws IOException {
        this.postgres = URI.create(jdbcUrl.substring("jdbc:".length()));
        this.point = point;
        this.listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    }

    /** Of the database at that URL. */
    static PostgresProxy start(String jdbcUrl, Point point) throws IOException {
        PostgresProxy proxy = new PostgresProxy(jdbcUrl, point);
        daemon("accept", proxy::accept);
        return proxy;
    }

    /** Of the database, through here. */
    String jdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:" + listener.getLocalPort() + postgres.getRawPath() + "?"
                + postgres.getRawQuery();
    }

    /** Until a merge stands at the point. */
    void awaitPoint() throws InterruptedException {
        assertThat(reached.await(SECONDS, TimeUnit.SECONDS))
                .as("a merge came to " + point)
                .isTrue();
    }

    /** Sends on what is held. */
    void goOn() {
        goesOn.complete(true);
    }

    /** Loses what is held, with its connection. */
    void lose() {
        goesOn.complete(false);
    }

    /** False: the session is to be closed instead. */
    boolean passes(Point here) {
        if (here != point || !armed.compareAndSet(true, false)) {
            return true;
        }
        reached.countDown();
        return goesOn.join();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket driver = listener.accept();
                daemon("session", () -> serve(driver));
            } catch (IOException e) {
                // Closed, as at the end of a test.
                return;
            }
        }
    }

    private void serve(Socket driver) {
        try (driver;
                Socket server = new Socket(postgres.getHost(), postgres.getPort());
                ProxiedSession session = new ProxiedSession(driver, server, this)) {
            sessions.add(session);
            session.serve();
            sessions.remove(session);
        } catch (IOException e) {
            // One of the two is gone, or was never there: the other gets to see the same.
        }
    }

    static void daemon(String name, Runnable task) {
        Thread thread = new Thread(task, "postgres-proxy-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        lose();
        for (ProxiedSession session : sessions) {
            session.close();
        }
    }
}
