package io.counterfoil.sql.hours;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class EdgeRosterStoreTest {
    private static final Instant NOW = Instant.parse("2026-11-01T10:00:00Z");

    private final TestDatabase database = TestDatabase.fresh();
    private final EdgeRosterStore roster = new EdgeRosterStore(database.jdbi());

    @Test
    void anEdgeIsWaitedForFromItsEpochOnAndStaysAsItIs() {
        roster.register("edge-1", Optional.of(epoch(NOW.minusSeconds(60))), NOW);
        roster.register("edge-1", Optional.of(epoch(NOW.plusSeconds(600))), NOW.plusSeconds(601));

        assertThat(intervals())
                .containsExactly(
                        "edge-1 " + NOW.minusSeconds(60).getEpochSecond() + " - " + epoch(NOW.minusSeconds(60)));
    }

    @Test
    void anEdgeWhoseClockWasNeverSetIsWaitedForADayBackAtMost() {
        roster.register("edge-1", Optional.of(epoch(Instant.ofEpochSecond(100))), NOW);
        roster.register("edge-2", Optional.of(epoch(NOW.plusSeconds(1000))), NOW);

        assertThat(intervals())
                .containsExactly(
                        "edge-1 " + NOW.minusSeconds(86_400).getEpochSecond() + " - "
                                + epoch(Instant.ofEpochSecond(100)),
                        "edge-2 " + NOW.getEpochSecond() + " - " + epoch(NOW.plusSeconds(1000)));
    }

    @Test
    void oneRegisteredAheadNamesItsEpochWhenItStarts() {
        roster.register("edge-1", NOW, decision(NOW.minusSeconds(7)));
        roster.register("edge-2", NOW, decision(NOW.minusSeconds(7)));
        roster.register("edge-1", Optional.of(epoch(NOW.plusSeconds(50))), NOW.plusSeconds(60));
        roster.register("edge-2", Optional.of(epoch(NOW.minusSeconds(50))), NOW.minusSeconds(40));

        assertThat(intervals())
                .containsExactly(
                        "edge-1 " + NOW.getEpochSecond() + " - " + epoch(NOW.plusSeconds(50)),
                        "edge-2 " + NOW.minusSeconds(50).getEpochSecond() + " - " + epoch(NOW.minusSeconds(50)));
    }

    @Test
    void aRetiredEdgeThatStartsAgainIsWaitedForAnew() {
        roster.register("edge-1", Optional.of(epoch(NOW)), NOW);
        roster.retire("edge-1", NOW.plusSeconds(100), decision(NOW.plusSeconds(200)));
        roster.register("edge-1", Optional.of(epoch(NOW.plusSeconds(50))), NOW.plusSeconds(300));

        assertThat(intervals())
                .containsExactly(
                        "edge-1 " + NOW.getEpochSecond() + " "
                                + NOW.plusSeconds(100).getEpochSecond() + " " + epoch(NOW),
                        "edge-1 " + NOW.plusSeconds(100).getEpochSecond() + " - " + epoch(NOW.plusSeconds(50)));
    }

    @Test
    void whatCannotBeIsRefused() {
        refused(() -> roster.retire("edge-1", NOW, decision(NOW)), "edge edge-1 is not on the roster now");
        roster.register("edge-1", Optional.of(epoch(NOW)), NOW);
        refused(
                () -> roster.retire("edge-1", NOW.plusSeconds(9), decision(NOW)),
                "--at is 2026-11-01T10:00:09Z, expected a time that has passed");
        refused(
                () -> roster.retire("edge-1", NOW, decision(NOW.plusSeconds(1))),
                "is on the roster from 2026-11-01T10:00:00Z on; expected a later time");
        refused(
                () -> roster.register("edge-1", NOW.plusSeconds(9), decision(NOW)),
                "edge edge-1 is on the roster from 2026-11-01T10:00:00Z on");
        refused(() -> new Decision("", "x", NOW), "actor is empty");
        refused(() -> new Decision("x", " ", NOW), "reason is empty");
        refused(
                () -> new LostLogStore(database.jdbi())
                        .declare("edge-1", Optional.empty(), decision(NOW.plusSeconds(60))),
                "nothing is known to be missing of edge edge-1");
    }

    @Test
    void anEdgeThatNeverCameDoesNotHoldHoursUpOnceItIsRetired() {
        roster.register("edge-1", NOW, decision(NOW));
        assertThat(new CoverageStore(database.jdbi()).faults(NOW.plusSeconds(200)))
                .extracting(CoverageStore.Fault::mend)
                .containsExactly("start edge-1; if it does not come: counterfoil edge retire edge-1");

        Instant through = roster.retire("edge-1", NOW.plusSeconds(200), decision(NOW.plusSeconds(300)));

        assertThat(through).isEqualTo(NOW.plusSeconds(200));
        assertThat(new CoverageStore(database.jdbi()).faults(NOW.plusSeconds(4000)))
                .isEmpty();
    }

    private List<String> intervals() {
        return database.jdbi()
                .withHandle(
                        handle -> handle.createQuery("select edge || ' ' || extract(epoch from since)::bigint || ' '"
                                        + " || coalesce(extract(epoch from until)::bigint::text, '-') || ' ' || first_epoch"
                                        + " from edge_roster order by edge, since")
                                .mapTo(String.class)
                                .list());
    }

    private static void refused(Runnable action, String message) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
                .hasMessageContaining(message);
    }

    private static Decision decision(Instant at) {
        return new Decision("erin", "why not", at);
    }

    private static String epoch(Instant start) {
        return String.format("%010d-000000000000000b", start.getEpochSecond());
    }
}
