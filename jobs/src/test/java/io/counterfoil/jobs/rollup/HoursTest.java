package io.counterfoil.jobs.rollup;

import io.counterfoil.accesslog.seal.Predecessor;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.hours.LostLogStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import static io.counterfoil.jobs.rollup.RolledHours.alarms;
import static io.counterfoil.jobs.rollup.RolledHours.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Which hours the edges' logs complete after a rollup, and what is said of what stands in the way. */
final class HoursTest {
    private static final String TEN = "2026-11-01T10:00:00Z";
    private static final String ELEVEN = "2026-11-01T11:00:00Z";

    @TempDir
    Path folder;

    private RolledHours hours;

    @BeforeEach
    void farFromUtc() {
        hours = new RolledHours(folder);
    }

    @AfterEach
    void backHome() {
        hours.close();
    }

    @Test
    void anHourIsCompleteOnceEveryStreamIsThroughIt() throws Exception {
        EdgeLog log = hours.begun("edge-1", "10:00", 2);
        hours.publish(log.seal(0, at("11:00"), 5));
        hours.publish(log.seal(1, at("10:59"), 5));
        hours.rollup("11:00:01");
        assertThat(hours.statuses("11:00:01")).containsEntry(TEN, "incomplete").containsEntry(ELEVEN, "running");
        hours.publish(log.seal(1, at("11:00"), 5));

        RollupResult result = hours.rollup("11:00:02");

        assertThat(hours.statuses("11:00:02")).containsEntry(TEN, "complete");
        assertThat(alarms(result)).isEmpty();
        assertThat(hours.completed()).containsExactly(TEN + " at 2026-11-01T11:00:02Z");
    }

    @Test
    void aSilentEdgeIsAlarmedAfterTwoMinutesAndItsHoursAreIncomplete() throws Exception {
        EdgeLog log = hours.begun("edge-1", "10:00", 1);
        hours.publish(log.seal(0, at("10:30"), 5));
        assertThat(alarms(hours.rollup("10:31"))).isEmpty();

        RollupResult later = hours.rollup("10:33");

        assertThat(alarms(later))
                .containsExactly("edge edge-1, epoch " + log.epoch()
                        + ", stream 0: nothing came behind segment 1; hours are incomplete from 2026-11-01T10:30:00Z on: start"
                        + " edge-1; if it is gone for good: counterfoil edge retire edge-1 --at 2026-11-01T10:30:01Z");
        assertThat(hours.rows("12:10"))
                .extracting(row -> row.get("hour") + " " + row.get("status") + " " + row.get("missing"))
                .containsExactly(
                        TEN + " incomplete nothing came behind segment 1",
                        ELEVEN + " incomplete nothing came behind segment 1",
                        "2026-11-01T12:00:00Z incomplete nothing came behind segment 1");
        hours.publish(log.seal(0, at("12:05"), 5));
        assertThat(alarms(hours.rollup("12:05:01"))).isEmpty();
        assertThat(hours.statuses("12:05:01")).containsEntry(TEN, "complete").containsEntry(ELEVEN, "complete");
    }

    @Test
    void anEdgeThatNeverSentIsSilentToo() throws Exception {
        hours.begun("edge-1", "10:00", 1);

        assertThat(alarms(hours.rollup("10:03"))).singleElement().asString().contains("nothing came of the epoch");
        assertThat(hours.statuses("11:10")).containsEntry(TEN, "incomplete");
    }

    @Test
    void aMissingStreamKeepsItsHoursIncomplete() throws Exception {
        EdgeLog log = hours.begun("edge-1", "10:00", 3);
        hours.publish(log.seal(0, at("11:00"), 5));
        hours.publish(log.seal(2, at("11:00"), 5));

        assertThat(alarms(hours.rollup("11:00:01")))
                .singleElement()
                .asString()
                .endsWith(
                        "stream 1: nothing came of this stream; hours are incomplete from 2026-11-01T10:00:00Z on: see what"
                                + " edge-1 says of this stream, and start it anew; what is lost then: counterfoil edge declare-lost"
                                + " edge-1 " + log.epoch() + " --reason TEXT");
        assertThat(hours.statuses("11:00:01")).containsEntry(TEN, "incomplete");
        hours.publish(log.seal(1, at("11:00"), 0));
        hours.rollup("11:00:02");
        assertThat(hours.statuses("11:00:02")).containsEntry(TEN, "complete");
    }

    @Test
    void aMissingSegmentIsNamedAndMendsTheHourWhenItComes() throws Exception {
        EdgeLog log = hours.begun("edge-1", "10:00", 1);
        hours.publish(log.seal(0, at("10:20"), 5));
        LandedSegments.Built second = log.seal(0, at("10:40"), 5);
        hours.publish(log.seal(0, at("11:00"), 5));
        hours.publish(log.seal(0, at("12:00"), 5));

        assertThat(alarms(hours.rollup("12:00:01")))
                .containsExactly("edge edge-1, epoch " + log.epoch()
                        + ", stream 0: segment 2 did not come; hours are incomplete from 2026-11-01T10:20:00Z on: start edge-1"
                        + " with its data folder; if they are lost: counterfoil edge declare-lost edge-1 " + log.epoch()
                        + " --reason TEXT");
        assertThat(hours.statuses("12:00:01")).containsEntry(TEN, "incomplete").containsEntry(ELEVEN, "incomplete");
        hours.publish(second);
        assertThat(alarms(hours.rollup("12:00:02"))).isEmpty();
        assertThat(hours.statuses("12:00:02")).containsEntry(TEN, "complete").containsEntry(ELEVEN, "complete");
    }

    @Test
    void aGapInTheSequenceStopsWhatIsProvenUntilItIsDeclaredLost() throws Exception {
        EdgeLog log = hours.begun("edge-1", "10:00", 1);
        hours.publish(log.seal(0, at("10:20"), 5));
        EdgeLog other = new EdgeLog("edge-1", at("10:00"), 1, Optional.empty());
        other.seal(0, at("10:20"), 9);
        LandedSegments.Built gap = other.seal(0, at("11:00"), 5, seal -> EdgeLog.chainedTo(seal, log.lastSha(0)));
        hours.publish(gap);
        hours.publish(other.seal(0, at("12:00"), 5));

        assertThat(alarms(hours.rollup("12:00:01")))
                .singleElement()
                .asString()
                .contains("segment 2 begins with seq 10, expected 6");
        LostLogStore.Lost lost = hours.declareLost("edge-1", Optional.empty(), "12:00:02");
        assertThat(lost).isEqualTo(new LostLogStore.Lost(Optional.of(log.epoch()), false, at("12:00")));
        assertThat(hours.statuses("12:00:02")).containsEntry(TEN, "complete").containsEntry(ELEVEN, "complete");
        assertThat(hours.decisions()).containsExactly("erin declare lost edge-1: the disk burnt");
        hours.publish(other.seal(0, at("13:00"), 5));
        assertThat(alarms(hours.rollup("13:00:01"))).isEmpty();
        assertThat(hours.statuses("13:00:01")).containsEntry("2026-11-01T12:00:00Z", "complete");
    }

    @Test
    void aBrokenChainStopsWhatIsProven() throws Exception {
        EdgeLog log = hours.begun("edge-1", "10:00", 1);
        hours.publish(log.seal(0, at("10:20"), 5));
        hours.publish(log.seal(0, at("11:00"), 5, seal -> EdgeLog.chainedTo(seal, "0".repeat(64))));

        assertThat(alarms(hours.rollup("11:00:01")))
                .singleElement()
                .asString()
                .contains("segment 2 is chained to another segment than 1");
        assertThat(hours.statuses("11:00:01")).containsEntry(TEN, "incomplete");
    }

    @Test
    void aQuarantinedSegmentStopsItsStreamUntilItIsDeclaredLost() throws Exception {
        EdgeLog log = hours.begun("edge-1", "10:00", 2);
        hours.publish(log.seal(0, at("10:20"), 5));
        LandedSegments.Built changed = log.seal(0, at("10:40"), 5);
        changed.csv()[changed.csv().length / 2] ^= 1;
        hours.publish(changed);
        hours.publish(log.seal(0, at("11:00"), 5));
        hours.publish(log.seal(1, at("11:00"), 5));

        assertThat(alarms(hours.rollup("11:00:01")))
                .singleElement()
                .asString()
                .contains("stream 0: segment 2 is quarantined: ")
                .endsWith(": counterfoil quarantine repair edge-1/" + log.epoch()
                        + "/0/2 FILE --reason TEXT; if there is no right copy: counterfoil edge declare-lost edge-1 "
                        + log.epoch() + " --reason TEXT");
        assertThat(hours.statuses("11:00:01")).containsEntry(TEN, "incomplete");
        hours.declareLost("edge-1", Optional.of(log.epoch()), "11:00:02");
        assertThat(hours.statuses("11:00:02")).containsEntry(TEN, "complete");
    }

    @Test
    void anEpochFollowsTheOneThatItNamesWithItsVeryEnds() throws Exception {
        EdgeLog first = hours.begun("edge-1", "10:00", 2);
        hours.publish(first.seal(0, at("10:20"), 5));
        hours.publish(first.seal(1, at("10:20"), 3));
        hours.publish(first.end(0, at("10:21")));
        hours.publish(first.end(1, at("10:22")));
        EdgeLog second = new EdgeLog("edge-1", at("10:50"), 1, Optional.of(first.left()));
        hours.register("edge-1", second, "10:50");
        hours.publish(second.seal(0, at("11:00"), 5));

        assertThat(alarms(hours.rollup("11:00:01"))).isEmpty();
        assertThat(hours.statuses("11:00:01")).containsEntry(TEN, "complete");
    }

    @Test
    void anEpochThatNamesOtherEndsIsAContradiction() throws Exception {
        EdgeLog first = hours.begun("edge-1", "10:00", 1);
        hours.publish(first.seal(0, at("10:20"), 5, EdgeLog::ended));
        Predecessor wrong = new Predecessor(first.left().epoch(), List.of(7L));
        EdgeLog second = new EdgeLog("edge-1", at("10:50"), 1, Optional.of(wrong));
        hours.publish(second.seal(0, at("11:00"), 5));

        assertThat(alarms(hours.rollup("11:00:01")))
                .singleElement()
                .asString()
                .contains("epoch " + second.epoch() + " says that it ended with seqs [7], but it did with [5]");
        assertThat(hours.statuses("11:00:01")).containsEntry(TEN, "incomplete");
    }

    @Test
    void anEpochWithoutPredecessorIsALostFolderUntilItIsDeclared() throws Exception {
        EdgeLog first = hours.begun("edge-1", "10:00", 1);
        hours.publish(first.seal(0, at("10:20"), 5));
        EdgeLog second = new EdgeLog("edge-1", at("10:50"), 1, Optional.empty());
        hours.register("edge-1", second, "10:50");
        hours.publish(second.seal(0, at("12:00"), 5));

        assertThat(alarms(hours.rollup("12:00:01")))
                .hasSize(2)
                .anyMatch(alarm -> alarm.contains(
                        "epoch " + second.epoch() + " does not know what came before it: a data folder was lost"))
                .allMatch(alarm ->
                        alarm.endsWith("counterfoil edge declare-lost edge-1 " + first.epoch() + " --reason TEXT"));
        assertThat(hours.statuses("12:00:01")).containsEntry(TEN, "incomplete").containsEntry(ELEVEN, "incomplete");
        assertThatThrownBy(() -> hours.declareLost("edge-1", Optional.of(second.epoch()), "12:00:02"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("it is held up at epoch " + first.epoch());

        assertThat(hours.declareLost("edge-1", Optional.empty(), "12:00:03").over())
                .isTrue();
        assertThat(hours.statuses("12:00:03")).containsEntry(TEN, "complete").containsEntry(ELEVEN, "complete");
        assertThat(alarms(hours.rollup("12:00:04"))).isEmpty();
    }

    @Test
    void whatAMachineLostWhenItDiedIsAwaitedUntilItIsDeclared() throws Exception {
        EdgeLog first = hours.begun("edge-1", "10:00", 1);
        hours.publish(first.seal(0, at("10:20"), 5));
        hours.publish(first.recoveredAfterCrash(0, at("10:21"), at("10:20:30")));
        EdgeLog second = new EdgeLog("edge-1", at("10:30"), 1, Optional.of(first.left()));
        hours.publish(second.seal(0, at("11:00"), 5));

        assertThat(alarms(hours.rollup("11:00:01")))
                .singleElement()
                .asString()
                .contains("its machine died", "hours are incomplete from 2026-11-01T10:20:30Z on");
        hours.declareLost("edge-1", Optional.empty(), "11:00:02");
        assertThat(hours.statuses("11:00:02")).containsEntry(TEN, "complete");
    }

    @Test
    void twoCopiesOfADataFolderAreAContradiction() throws Exception {
        EdgeLog first = hours.begun("edge-1", "10:00", 1);
        hours.publish(first.seal(0, at("10:20"), 5, EdgeLog::ended));
        EdgeLog second = new EdgeLog("edge-1", at("10:30"), 1, Optional.of(first.left()));
        hours.publish(second.seal(0, at("10:40"), 5));
        hours.rollup("10:40:01");
        EdgeLog copy = new EdgeLog("edge-1", at("10:35"), 1, Optional.of(first.left()));
        hours.publish(copy.seal(0, at("10:45"), 5));
        hours.publish(second.seal(0, at("11:00"), 5));

        assertThat(alarms(hours.rollup("11:00:01")))
                .singleElement()
                .asString()
                .contains("two copies of one data folder");
        assertThat(hours.statuses("11:00:01")).containsEntry(TEN, "incomplete");
        hours.declareLost("edge-1", Optional.of(copy.epoch()), "11:00:02");
        assertThat(hours.statuses("11:00:02")).containsEntry(TEN, "complete");
        hours.publish(copy.seal(0, at("11:00"), 5));
        assertThat(alarms(hours.rollup("11:00:03"))).as("settled").isEmpty();
    }
}
