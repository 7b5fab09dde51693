package io.counterfoil.jobs.faults;

import io.counterfoil.jobs.faults.PostgresProxy.Point;
import io.counterfoil.jobs.rollup.RollupResult;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** A driver stands still, as in a machine that swaps or is suspended, others count meanwhile, and it goes on where it was. */
// One of the two waits for half a minute.
@Execution(ExecutionMode.CONCURRENT)
final class FrozenDriverTest {
    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.fresh();

    @Test
    void aDriverFrozenInItsTransactionHoldsTheNextUpForHalfAMinuteAndCountsNothingTwice() throws Exception {
        FaultedLanding landing = landing();
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (PostgresProxy proxy = PostgresProxy.start(database.jdbcUrl(), Point.BEFORE_COMMIT);
                DriverProcess driver = start(landing, proxy)) {
            proxy.awaitPoint();
            driver.freeze();
            landing.land();
            Future<RollupResult> next = threads.submit(() -> landing.rollup());
            landing.awaitBlocked();
            RollupResult counted = next.get(60, TimeUnit.SECONDS);
            assertThat(counted.records()).as(landing.seed()).isEqualTo(landing.records());
            driver.thaw();
            proxy.goOn();

            DriverProcess.Ended ended = driver.end();
            assertThat(ended.exit()).as(landing.seed() + ended.err()).isZero();
            assertThat(ended.out()).as(landing.seed()).contains("\"batches\":0,\"segments\":0,\"records\":0,");
        } finally {
            threads.shutdownNow();
        }
        landing.assertCountedOnce();
    }

    @Test
    void aDriverFrozenBeforeItsMergePlansAnewAndCountsWhatTheOthersLeft() throws Exception {
        FaultedLanding landing = landing();
        try (PostgresProxy proxy = PostgresProxy.start(database.jdbcUrl(), Point.BEFORE_MERGE);
                DriverProcess driver = start(landing, proxy)) {
            proxy.awaitPoint();
            driver.freeze();
            assertThat(database.stagedRows()).as(landing.seed()).isPositive();
            landing.land();
            assertThat(landing.rollup().records()).as(landing.seed()).isEqualTo(landing.records());
            long counted = landing.records();
            landing.land();
            driver.thaw();
            proxy.goOn();

            DriverProcess.Ended ended = driver.end();
            assertThat(ended.exit()).as(landing.seed() + ended.err()).isZero();
            assertThat(ended.out())
                    .as(landing.seed())
                    .contains("\"batches\":1,\"segments\":3,\"records\":" + (landing.records() - counted) + ",");
        }
        landing.assertCountedOnce();
    }

    private FaultedLanding landing() throws Exception {
        FaultedLanding landing = new FaultedLanding(folder.resolve("landing"), database);
        landing.land();
        return landing;
    }

    private DriverProcess start(FaultedLanding landing, PostgresProxy proxy) throws Exception {
        return DriverProcess.start(folder.resolve("driver"), landing.folder(), proxy.jdbcUrl());
    }
}
