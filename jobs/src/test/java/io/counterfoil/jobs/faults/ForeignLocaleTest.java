package io.counterfoil.jobs.faults;

import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

/** A machine whose hours are no UTC hours apart, and whose language has another capital i. */
final class ForeignLocaleTest {
    @TempDir
    Path folder;

    @Test
    void aDriverCountsTheSameWhateverItsZoneAndLanguage() throws Exception {
        TestDatabase database = TestDatabase.fresh();
        FaultedLanding landing = new FaultedLanding(folder.resolve("landing"), database);
        landing.land();
        List<RequestFacts> routes = Arrays.stream(Decision.values())
                .map(decision -> new RequestFacts(3, "items-i", "GET", 200, 7, 100, 50, 1, decision, "", "", "/v1/i"))
                .toList();
        // The last ones are of the next month in UTC, while in Auckland it began half a day before.
        landing.land("edge-i", routes, FaultedLanding.START.plusSeconds(9000 - routes.size() / 2));
        DriverProcess.Ended ended;
        try (DriverProcess driver = DriverProcess.start(
                folder.resolve("driver"),
                landing.folder(),
                database.jdbcUrl(),
                "-Duser.timezone=Pacific/Auckland",
                "-Duser.language=tr",
                "-Duser.country=TR")) {
            ended = driver.end();
        }

        assertThat(ended.exit()).as(landing.seed() + ended.err()).isZero();
        assertThat(ended.out())
                .as(landing.seed())
                .contains("\"records\":" + (landing.records() + routes.size()) + ",\"rejects\":0,");
        assertThat(database.usage()).as(landing.seed()).isEqualTo(LineOracle.usage(landing.data()));
        landing.assertCountedOnce();
    }
}
