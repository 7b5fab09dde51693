package io.counterfoil.jobs.faults;

import io.counterfoil.jobs.faults.PostgresProxy.Point;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

import static org.assertj.core.api.Assertions.assertThat;

/** A driver dies, or its connection does, around the COMMIT of its merge. */
final class KilledDriverTest {
    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.fresh();

    @Test
    void aDriverKilledBeforeItsCommitLeavesEverythingToTheNext() throws Exception {
        FaultedLanding landing = landing();
        kill(landing, Point.BEFORE_COMMIT);

        assertThat(database.usage()).as(landing.seed()).isEmpty();
        assertThat(landing.rollup().records()).as(landing.seed()).isEqualTo(landing.records());
        landing.assertCountedOnce();
    }

    @Test
    void aDriverKilledBeforeItHeardOfItsCommitLeavesNothingToTheNext() throws Exception {
        FaultedLanding landing = landing();
        kill(landing, Point.AFTER_COMMIT);

        assertThat(landing.rollup().records()).as(landing.seed()).isZero();
        landing.assertCountedOnce();
    }

    @Test
    void aDriverWhoseCommitWasDoneAndItsReplyLostLearnsItFromTheLedger() throws Exception {
        FaultedLanding landing = landing();
        DriverProcess.Ended ended;
        try (PostgresProxy proxy = PostgresProxy.start(database.jdbcUrl(), Point.AFTER_COMMIT);
                DriverProcess driver =
                        DriverProcess.start(folder.resolve("driver"), landing.folder(), proxy.jdbcUrl())) {
            proxy.awaitPoint();
            proxy.lose();
            ended = driver.end();
        }

        assertThat(ended.exit()).as(landing.seed() + ended.err()).isZero();
        assertThat(ended.out())
                .as(landing.seed())
                .contains("\"batches\":1,\"segments\":3,\"records\":" + landing.records() + ",");
        assertThat(landing.rollup().records()).as(landing.seed()).isZero();
        landing.assertCountedOnce();
    }

    private FaultedLanding landing() throws Exception {
        FaultedLanding landing = new FaultedLanding(folder.resolve("landing"), database);
        landing.land();
        return landing;
    }

    private void kill(FaultedLanding landing, Point point) throws Exception {
        try (PostgresProxy proxy = PostgresProxy.start(database.jdbcUrl(), point);
                DriverProcess driver =
                        DriverProcess.start(folder.resolve("driver"), landing.folder(), proxy.jdbcUrl())) {
            proxy.awaitPoint();
            driver.kill();
            // As the kernel of the dead driver's machine does.
            proxy.lose();
        }
    }
}
