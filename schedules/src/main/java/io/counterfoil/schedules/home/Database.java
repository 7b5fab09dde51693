package io.counterfoil.schedules.home;

import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * The database of one command: a server of the operator's own, or the home's embedded one, which all commands on this home share.
 *
 * <p>The embedded server starts with the first command that opens it, in about a second (four the first time), and stops with the
 * last, also when commands are killed. What it has committed outlasts power loss. It listens on 127.0.0.1 and wants the home's
 * password, which the URL carries: show the URL to nobody, and hand it to child processes in the environment, not on their command
 * line.
 *
 * <p>Thread-safe.
 */
public final class Database implements AutoCloseable {
    private final String jdbcUrl;
    private final Runnable leave;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Database(String jdbcUrl, Runnable leave) {
        this.jdbcUrl = jdbcUrl;
        this.leave = leave;
    }

    /**
     * Opens the server at the URL, which is not connected to here, else the home's embedded one, which accepts connections when this
     * returns. Creates nothing inside the database.
     *
     * @param url of {@code --database} or COUNTERFOIL_DATABASE_URL; user and password are parameters of it
     * @param progress told, in a few words each, what takes time
     * @throws OperatorException category INPUT where the URL is not one of PostgreSQL, or the home cannot be created
     * @throws OperatorException category DOWN where the embedded server does not start
     */
    public static Database open(Home home, Optional<String> url, Consumer<String> progress) {
        if (url.isPresent()) {
            DatabaseAccess.dataSource(url.get());
            return new Database(url.get(), () -> {});
        }
        home.create();
        return new Database(SharedPostgres.join(home, progress), () -> SharedPostgres.leave(home));
    }

    public String jdbcUrl() {
        return jdbcUrl;
    }

    /** Ends this use; the embedded server stops where it was the last. A second call does nothing. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            leave.run();
        }
    }
}
