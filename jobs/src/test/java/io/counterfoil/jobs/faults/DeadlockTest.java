package io.counterfoil.jobs.faults;

import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.jobs.rollup.LandedSegments;
import io.counterfoil.jobs.rollup.RollupResult;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** Somebody who writes usage takes its rows in another order than merges do. */
final class DeadlockTest {
    private static final List<RequestFacts> TWO_KEYS = List.of(LandedSegments.facts(3), LandedSegments.facts(4));

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newSingleThreadExecutor();

    @AfterEach
    void endThreads() {
        threads.shutdownNow();
    }

    @Test
    void aMergeThatPostgresEndsForADeadlockIsDoneAgainAndCountsOnce() throws Exception {
        TestDatabase database = TestDatabase.fresh();
        FaultedLanding landing = new FaultedLanding(folder, database);
        landing.land("edge-a", TWO_KEYS, FaultedLanding.START);
        landing.rollup();
        landing.land("edge-b", TWO_KEYS, FaultedLanding.START);
        RollupResult counted = database.jdbi().withHandle(other -> {
            // The merge, which waits first, is the one to find out.
            other.execute("set deadlock_timeout = '1min'");
            other.begin();
            touch(other, 4);
            Future<RollupResult> rollup = threads.submit(() -> landing.rollup());
            landing.awaitBlocked();
            touch(other, 3);
            other.commit();
            return rollup.get(60, TimeUnit.SECONDS);
        });

        assertThat(counted.records()).as(landing.seed()).isEqualTo(TWO_KEYS.size());
        landing.await("select deadlocks = 1 from pg_stat_database where datname = current_database()");
        landing.assertCountedOnce();
    }

    private static void touch(Handle handle, long key) {
        assertThat(handle.execute("update usage_hourly set requests = requests where key_id = ?", key))
                .isEqualTo(1);
    }
}
