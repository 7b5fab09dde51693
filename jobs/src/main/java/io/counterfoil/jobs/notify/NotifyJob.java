package io.counterfoil.jobs.notify;

import io.counterfoil.sql.DatabaseAccess;
import org.jdbi.v3.core.Jdbi;

import javax.sql.DataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/**
 * Delivers notices by webhook and mail. What is sent is claimed before, and its outcome recorded after, each in a transaction of its
 * own; nothing is sent inside of one. Whoever dies in between leaves claims that run out, and what it sent is sent again under the same
 * id: at least once. Any number of these may run at the same time; one run at a time in one object.
 */
public final class NotifyJob implements AutoCloseable {
    /** At once, in one object. */
    static final int SENDS = 16;

    private final DataSource database;
    private final Senders senders;
    private final InstantSource clock;
    private final ExecutorService threads;

    /** Opens nothing but threads; a database that is down is found by {@link #run}. */
    public NotifyJob(NotifySettings settings, String databaseUrl, InstantSource clock) {
        this.database = DatabaseAccess.dataSource(databaseUrl);
        this.senders = Senders.of(settings, clock);
        this.clock = clock;
        this.threads = Executors.newFixedThreadPool(SENDS, work -> {
            Thread thread = new Thread(work, "notice");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Sends what is due until nothing is. */
    public NotifyResult run() {
        return run(() -> true);
    }

    /**
     * Sends what is due until nothing is, or it is not to go on: then what was claimed is still sent and recorded, and nothing new claimed.
     * Receivers that fail are no fault of the run; they are tried again by a later one.
     *
     * @throws io.counterfoil.sql.OperatorException category DOWN where the database cannot be reached
     */
    public NotifyResult run(BooleanSupplier goOn) {
        // One session for all of a run's short transactions: opening one takes longer than most of them.
        try (Connection session = database.getConnection()) {
            return new NotifyRun(Jdbi.create(session), senders, threads, clock).run(goOn);
        } catch (SQLException e) {
            throw DatabaseAccess.unreachable(e);
        }
    }

    /** What is being sent is given up: it is sent again by another run. */
    @Override
    public void close() {
        threads.shutdownNow();
        senders.close();
    }
}
