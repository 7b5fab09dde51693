package io.counterfoil.jobs.faults;

import io.counterfoil.jobs.faults.PostgresProxy.Point;
import io.counterfoil.jobs.rollup.RollupResult;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** Postgres goes away, or what it knew does, in the middle of a merge. */
final class LostPostgresTest {
    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newSingleThreadExecutor();

    /** What happens to the server, or to its sessions. */
    @FunctionalInterface
    private interface Fault {
        void happen() throws Exception;
    }

    @AfterEach
    void endThreads() {
        threads.shutdownNow();
    }

    @Test
    void aServerThatWasStoppedAndOneThatCrashedCostNothing() throws Exception {
        try (TestDatabase.OwnServer server = new TestDatabase.OwnServer(folder.resolve("postgres"))) {
            FaultedLanding landing = new FaultedLanding(folder.resolve("landing"), server.database());
            mergeThrough(Point.BEFORE_COMMIT, landing, () -> {
                server.stop();
                server.startAgain();
            });
            assertThat(batches(landing))
                    .as(landing.seed() + ": what was staged is still there")
                    .isEqualTo("1 of 1");

            mergeThrough(Point.BEFORE_COMMIT, landing, () -> {
                server.crash();
                server.startAgain();
            });
            assertThat(batches(landing))
                    .as(landing.seed() + ": staging was lost, planned anew")
                    .isEqualTo("2 of 3");
        }
    }

    @Test
    void sessionsEndedByAnOperatorCostNothing() throws Exception {
        TestDatabase database = TestDatabase.fresh();
        FaultedLanding landing = new FaultedLanding(folder.resolve("landing"), database);
        mergeThrough(
                Point.BEFORE_COMMIT,
                landing,
                () -> database.jdbi()
                        .useHandle(handle -> handle.execute("select pg_terminate_backend(pid) from pg_stat_activity"
                                + " where datname = current_database() and pid <> pg_backend_pid()")));
        assertThat(batches(landing)).as(landing.seed()).isEqualTo("1 of 1");
    }

    @Test
    void aPlanThatTheServerForgotWhenItFailedOverIsMadeAnew() throws Exception {
        TestDatabase database = TestDatabase.fresh();
        FaultedLanding landing = new FaultedLanding(folder.resolve("landing"), database);
        // As on a replica that was behind when it took over.
        mergeThrough(
                Point.BEFORE_MERGE,
                landing,
                () -> database.jdbi().useHandle(handle -> {
                    handle.execute("delete from batch_segment");
                    handle.execute("delete from batch");
                }));
        assertThat(batches(landing)).as(landing.seed()).isEqualTo("1 of 1");
    }

    /** Lands segments, rolls them up, and lets it happen at the point. */
    private void mergeThrough(Point point, FaultedLanding landing, Fault fault) throws Exception {
        long before = landing.records();
        landing.land();
        try (PostgresProxy proxy = PostgresProxy.start(landing.database().jdbcUrl(), point)) {
            Future<RollupResult> rollup = threads.submit(() -> landing.rollup(proxy.jdbcUrl()));
            proxy.awaitPoint();
            fault.happen();
            proxy.goOn();

            assertThat(rollup.get(60, TimeUnit.SECONDS).records())
                    .as(landing.seed())
                    .isEqualTo(landing.records() - before);
        }
        landing.assertCountedOnce();
    }

    /** How many batches were merged, of how many that were planned. */
    private static String batches(FaultedLanding landing) {
        return landing.database()
                .jdbi()
                .withHandle(handle -> handle.createQuery("select count(committed_at) || ' of ' || count(*) from batch")
                        .mapTo(String.class)
                        .one());
    }
}
