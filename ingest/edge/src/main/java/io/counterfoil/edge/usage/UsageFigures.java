package io.counterfoil.edge.usage;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.DatabaseFault;
import io.counterfoil.sql.usage.KeyUsage;
import io.counterfoil.sql.usage.KeyUsageStore;
import org.jdbi.v3.core.ConnectionException;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What callers used, from the database, or what was last known of it. Asking is bounded: two questions at once, one a key and second,
 * and none for a second after the database did not answer. Thread-safe.
 */
public final class UsageFigures implements AutoCloseable {
    private static final int CONNECTIONS = 2;
    private static final int MAX_WAITING = 256;
    private static final int MAX_KNOWN = 2_000;
    private static final Duration FRESH = Duration.ofSeconds(1);
    private static final Duration SILENCE = Duration.ofSeconds(5);
    private static final long WAIT_MILLIS = 3_000;
    private static final long CONNECT_MILLIS = 2_000;
    private static final long IDLE_MILLIS = 30_000;
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final HikariDataSource database;
    private final KeyUsageStore store;
    private final InstantSource clock;
    private final Consumer<String> notices;
    private final ThreadPoolExecutor threads;
    private final ThreadPoolExecutor rendering;
    private final AsyncCache<Long, Optional<KeyUsage>> asked =
            Caffeine.newBuilder().maximumSize(MAX_KNOWN).expireAfterWrite(FRESH).buildAsync();
    private final Cache<Long, KeyUsage> known =
            Caffeine.newBuilder().maximumSize(MAX_KNOWN).build();
    private volatile boolean down;
    private volatile long askAgainNanos = System.nanoTime();

    /**
     * What is known.
     *
     * @param usage empty where nothing is
     * @param current false: the database did not answer, these are its last figures
     */
    public record Known(Optional<KeyUsage> usage, boolean current) {}

    /**
     * Connects when first asked.
     *
     * @param notices told when the database stops answering, and when it answers again
     * @throws io.counterfoil.sql.OperatorException category INPUT where the URL is none
     */
    public UsageFigures(String jdbcUrl, InstantSource clock, Consumer<String> notices) {
        HikariConfig pool = new HikariConfig();
        pool.setPoolName("counterfoil-usage");
        pool.setDataSource(DatabaseAccess.dataSource(jdbcUrl, SILENCE));
        pool.setMaximumPoolSize(CONNECTIONS);
        pool.setMinimumIdle(0);
        pool.setIdleTimeout(IDLE_MILLIS);
        pool.setConnectionTimeout(CONNECT_MILLIS);
        pool.setInitializationFailTimeout(-1);
        database = new HikariDataSource(pool);
        store = new KeyUsageStore(DatabaseAccess.jdbi(database));
        this.clock = clock;
        this.notices = notices;
        threads = pool(CONNECTIONS);
        rendering = pool(1);
    }

    private static ThreadPoolExecutor pool(int threads) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                IDLE_MILLIS,
                TimeUnit.MILLISECONDS,
                new LinkedBlockingQueue<>(MAX_WAITING),
                UsageFigures::thread);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "counterfoil-usage");
        thread.setDaemon(true);
        return thread;
    }

    /** Never fails; completes within three seconds, on another thread or at once. */
    public CompletableFuture<Known> of(long key) {
        if (isPaused()) {
            return CompletableFuture.completedFuture(last(key));
        }
        try {
            return asked.get(
                            key,
                            (number, executor) -> CompletableFuture.supplyAsync(() -> read(number), threads)
                                    .orTimeout(WAIT_MILLIS, TimeUnit.MILLISECONDS))
                    .handle((usage, failure) -> failure == null ? new Known(usage, true) : last(key));
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture(last(key));
        }
    }

    private boolean isPaused() {
        return down && System.nanoTime() - askAgainNanos < 0;
    }

    private Known last(long key) {
        return new Known(Optional.ofNullable(known.getIfPresent(key)), false);
    }

    private Optional<KeyUsage> read(long key) {
        if (isPaused()) {
            // It was asked while the database answered, and came to its turn when it did no more.
            throw new IllegalStateException("the database does not answer");
        }
        try {
            Optional<KeyUsage> usage = store.read(key, clock.instant());
            usage.ifPresent(read -> known.put(key, read));
            comeBack();
            return usage;
        } catch (RuntimeException e) {
            // One key's question that takes too long is no fault of the database.
            if (e instanceof ConnectionException || DatabaseFault.of(e) == DatabaseFault.GONE) {
                goDown(e);
            }
            throw e;
        }
    }

    private synchronized void goDown(Throwable failure) {
        askAgainNanos = System.nanoTime() + PAUSE_NANOS;
        if (!down) {
            down = true;
            notices.accept("usage cannot be read, callers are told the last known figures: " + reason(failure));
        }
    }

    private synchronized void comeBack() {
        if (down) {
            down = false;
            notices.accept("usage is read from the database again");
        }
    }

    /** On which answers are rendered, whoever waits for the database; refuses what is too much. */
    public Executor rendering() {
        return rendering;
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage()).lines().findFirst().orElse(cause.toString());
    }

    @Override
    public void close() {
        threads.shutdownNow();
        rendering.shutdown();
        database.close();
    }
}
