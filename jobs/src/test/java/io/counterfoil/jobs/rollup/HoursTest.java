package io.counterfoil.jobs.rollup;

import io.counterfoil.accesslog.seal.Predecessor;
import io.counterfoil.jobs.imports.ImportJob;
import io.counterfoil.jobs.imports.ImportSettings;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.hours.CoverageStore;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.hours.EdgeRosterStore;
import io.counterfoil.sql.hours.LostLogStore;
import io.counterfoil.sql.hours.SourceStore;
import io.counterfoil.sql.report.Report;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TimeZone;
import java.util.TreeMap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Which hours are complete after a rollup, and what is said of the others; as a UTC server's neighbour in Auckland sees it. */
final class HoursTest {
    private static final String TEN = "2026-11-01T10:00:00Z";
    private static final String ELEVEN = "2026-11-01T11:00:00Z";

    @TempDir
    Path folder;

    private final TimeZone zone = TimeZone.getDefault();
    private final StringBuilder imported = new StringBuilder("time,status,bytes,user,path\n");
    private TestDatabase database;
    private LandedSegments segments;

    @BeforeEach
    void farFromUtc() {
        TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Auckland"));
        database = TestDatabase.fresh();
        segments = new LandedSegments(folder, 1, 0);
    }

    @AfterEach
    void backHome() {
        TimeZone.setDefault(zone);
    }

    @Test
    void anHourIsCompleteOnceEveryStreamIsThroughIt() throws Exception {
        EdgeLog log = begun("edge-1", "10:00", 2);
        segments.publish(log.seal(0, at("11:00"), 5));
        segments.publish(log.seal(1, at("10:59"), 5));
        rollup("11:00:01");
        assertThat(statuses("11:00:01")).containsEntry(TEN, "incomplete").containsEntry(ELEVEN, "running");
        segments.publish(log.seal(1, at("11:00"), 5));

        RollupResult result = rollup("11:00:02");

        assertThat(statuses("11:00:02")).containsEntry(TEN, "complete");
        assertThat(alarms(result)).isEmpty();
        assertThat(completed()).containsExactly(TEN + " at 2026-11-01T11:00:02Z");
    }

    @Test
    void aSilentEdgeIsAlarmedAfterTwoMinutesAndItsHoursAreIncomplete() throws Exception {
        EdgeLog log = begun("edge-1", "10:00", 1);
        segments.publish(log.seal(0, at("10:30"), 5));
        assertThat(alarms(rollup("10:31"))).isEmpty();

        RollupResult later = rollup("10:33");

        assertThat(alarms(later))
                .containsExactly("edge edge-1, epoch " + log.epoch()
                        + ", stream 0: nothing came behind segment 1; hours are incomplete from 2026-11-01T10:30:00Z on: start"
                        + " edge-1; if it is gone for good: counterfoil edge retire edge-1 --at 2026-11-01T10:30:01Z");
        assertThat(rows("12:10"))
                .extracting(row -> row.get("hour") + " " + row.get("status") + " " + row.get("missing"))
                .containsExactly(
                        TEN + " incomplete nothing came behind segment 1",
                        ELEVEN + " incomplete nothing came behind segment 1",
                        "2026-11-01T12:00:00Z incomplete nothing came behind segment 1");
        segments.publish(log.seal(0, at("12:05"), 5));
        assertThat(alarms(rollup("12:05:01"))).isEmpty();
        assertThat(statuses("12:05:01")).containsEntry(TEN, "complete").containsEntry(ELEVEN, "complete");
    }

    @Test
    void anEdgeThatNeverSentIsSilentToo() throws Exception {
        begun("edge-1", "10:00", 1);

        assertThat(alarms(rollup("10:03"))).singleElement().asString().contains("nothing came of the epoch");
        assertThat(statuses("11:10")).containsEntry(TEN, "incomplete");
    }

    @Test
    void aMissingStreamKeepsItsHoursIncomplete() throws Exception {
        EdgeLog log = begun("edge-1", "10:00", 3);
        segments.publish(log.seal(0, at("11:00"), 5));
        segments.publish(log.seal(2, at("11:00"), 5));

        assertThat(alarms(rollup("11:00:01")))
                .singleElement()
                .asString()
                .endsWith(
                        "stream 1: nothing came of this stream; hours are incomplete from 2026-11-01T10:00:00Z on: see what"
                                + " edge-1 says of this stream, and start it anew; what is lost then: counterfoil edge declare-lost"
                                + " edge-1 " + log.epoch() + " --reason TEXT");
        assertThat(statuses("11:00:01")).containsEntry(TEN, "incomplete");
        segments.publish(log.seal(1, at("11:00"), 0));
        rollup("11:00:02");
        assertThat(statuses("11:00:02")).containsEntry(TEN, "complete");
    }

    @Test
    void aMissingSegmentIsNamedAndMendsTheHourWhenItComes() throws Exception {
        EdgeLog log = begun("edge-1", "10:00", 1);
        segments.publish(log.seal(0, at("10:20"), 5));
        LandedSegments.Built second = log.seal(0, at("10:40"), 5);
        segments.publish(log.seal(0, at("11:00"), 5));
        segments.publish(log.seal(0, at("12:00"), 5));

        assertThat(alarms(rollup("12:00:01")))
                .containsExactly("edge edge-1, epoch " + log.epoch()
                        + ", stream 0: segment 2 did not come; hours are incomplete from 2026-11-01T10:20:00Z on: start edge-1"
                        + " with its data folder; if they are lost: counterfoil edge declare-lost edge-1 " + log.epoch()
                        + " --reason TEXT");
        assertThat(statuses("12:00:01")).containsEntry(TEN, "incomplete").containsEntry(ELEVEN, "incomplete");
        segments.publish(second);
        assertThat(alarms(rollup("12:00:02"))).isEmpty();
        assertThat(statuses("12:00:02")).containsEntry(TEN, "complete").containsEntry(ELEVEN, "complete");
    }

    @Test
    void aGapInTheSequenceStopsWhatIsProvenUntilItIsDeclaredLost() throws Exception {
        EdgeLog log = begun("edge-1", "10:00", 1);
        segments.publish(log.seal(0, at("10:20"), 5));
        EdgeLog other = new EdgeLog("edge-1", at("10:00"), 1, Optional.empty());
        other.seal(0, at("10:20"), 9);
        LandedSegments.Built gap = other.seal(0, at("11:00"), 5, seal -> EdgeLog.chainedTo(seal, log.lastSha(0)));
        segments.publish(gap);
        segments.publish(other.seal(0, at("12:00"), 5));

        assertThat(alarms(rollup("12:00:01")))
                .singleElement()
                .asString()
                .contains("segment 2 begins with seq 10, expected 6");
        LostLogStore.Lost lost = declareLost("edge-1", Optional.empty(), "12:00:02");
        assertThat(lost).isEqualTo(new LostLogStore.Lost(Optional.of(log.epoch()), false, at("12:00")));
        assertThat(statuses("12:00:02")).containsEntry(TEN, "complete").containsEntry(ELEVEN, "complete");
        assertThat(decisions()).containsExactly("erin declare lost edge-1: the disk burnt");
        segments.publish(other.seal(0, at("13:00"), 5));
        assertThat(alarms(rollup("13:00:01"))).isEmpty();
        assertThat(statuses("13:00:01")).containsEntry("2026-11-01T12:00:00Z", "complete");
    }

    @Test
    void aBrokenChainStopsWhatIsProven() throws Exception {
        EdgeLog log = begun("edge-1", "10:00", 1);
        segments.publish(log.seal(0, at("10:20"), 5));
        segments.publish(log.seal(0, at("11:00"), 5, seal -> EdgeLog.chainedTo(seal, "0".repeat(64))));

        assertThat(alarms(rollup("11:00:01")))
                .singleElement()
                .asString()
                .contains("segment 2 is chained to another segment than 1");
        assertThat(statuses("11:00:01")).containsEntry(TEN, "incomplete");
    }

    @Test
    void aQuarantinedSegmentStopsItsStreamUntilItIsDeclaredLost() throws Exception {
        EdgeLog log = begun("edge-1", "10:00", 2);
        segments.publish(log.seal(0, at("10:20"), 5));
        LandedSegments.Built changed = log.seal(0, at("10:40"), 5);
        changed.csv()[changed.csv().length / 2] ^= 1;
        segments.publish(changed);
        segments.publish(log.seal(0, at("11:00"), 5));
        segments.publish(log.seal(1, at("11:00"), 5));

        assertThat(alarms(rollup("11:00:01")))
                .singleElement()
                .asString()
                .contains("stream 0: segment 2 is quarantined: ");
        assertThat(statuses("11:00:01")).containsEntry(TEN, "incomplete");
        declareLost("edge-1", Optional.of(log.epoch()), "11:00:02");
        assertThat(statuses("11:00:02")).containsEntry(TEN, "complete");
    }

    @Test
    void anEdgeAddedAndRetiredWithinAnHourIsWaitedForInBetween() throws Exception {
        EdgeLog steady = begun("edge-1", "09:00", 1);
        EdgeLog guest = begun("edge-2", "10:10", 1);
        segments.publish(steady.seal(0, at("11:00"), 5));
        segments.publish(guest.seal(0, at("10:30"), 5));
        rollup("11:00:01");
        assertThat(statuses("11:00:01"))
                .containsEntry("2026-11-01T09:00:00Z", "complete")
                .containsEntry(TEN, "incomplete");
        Instant through = new EdgeRosterStore(database.jdbi()).retire("edge-2", at("10:40"), decision("11:01"));
        assertThat(through).isEqualTo(at("10:30"));
        assertThat(statuses("11:01")).containsEntry(TEN, "incomplete");
        segments.publish(guest.end(0, at("10:39")));

        assertThat(alarms(rollup("11:02"))).isEmpty();
        assertThat(statuses("11:02")).containsEntry(TEN, "complete");
        assertThat(alarms(rollup("15:00"))).as("of edge-2 nothing is awaited").hasSize(1);
    }

    @Test
    void anEpochFollowsTheOneThatItNamesWithItsVeryEnds() throws Exception {
        EdgeLog first = begun("edge-1", "10:00", 2);
        segments.publish(first.seal(0, at("10:20"), 5));
        segments.publish(first.seal(1, at("10:20"), 3));
        segments.publish(first.end(0, at("10:21")));
        segments.publish(first.end(1, at("10:22")));
        EdgeLog second = new EdgeLog("edge-1", at("10:50"), 1, Optional.of(first.left()));
        register("edge-1", second, "10:50");
        segments.publish(second.seal(0, at("11:00"), 5));

        assertThat(alarms(rollup("11:00:01"))).isEmpty();
        assertThat(statuses("11:00:01")).containsEntry(TEN, "complete");
    }

    @Test
    void anEpochThatNamesOtherEndsIsAContradiction() throws Exception {
        EdgeLog first = begun("edge-1", "10:00", 1);
        segments.publish(first.seal(0, at("10:20"), 5, EdgeLog::ended));
        Predecessor wrong = new Predecessor(first.left().epoch(), List.of(7L));
        EdgeLog second = new EdgeLog("edge-1", at("10:50"), 1, Optional.of(wrong));
        segments.publish(second.seal(0, at("11:00"), 5));

        assertThat(alarms(rollup("11:00:01")))
                .singleElement()
                .asString()
                .contains("epoch " + second.epoch() + " says that it ended with seqs [7], but it did with [5]");
        assertThat(statuses("11:00:01")).containsEntry(TEN, "incomplete");
    }

    @Test
    void anEpochWithoutPredecessorIsALostFolderUntilItIsDeclared() throws Exception {
        EdgeLog first = begun("edge-1", "10:00", 1);
        segments.publish(first.seal(0, at("10:20"), 5));
        EdgeLog second = new EdgeLog("edge-1", at("10:50"), 1, Optional.empty());
        register("edge-1", second, "10:50");
        segments.publish(second.seal(0, at("12:00"), 5));

        assertThat(alarms(rollup("12:00:01")))
                .hasSize(2)
                .anyMatch(alarm -> alarm.contains(
                        "epoch " + second.epoch() + " does not know what came before it: a data folder was lost"))
                .allMatch(alarm ->
                        alarm.endsWith("counterfoil edge declare-lost edge-1 " + first.epoch() + " --reason TEXT"));
        assertThat(statuses("12:00:01")).containsEntry(TEN, "incomplete").containsEntry(ELEVEN, "incomplete");
        assertThatThrownBy(() -> declareLost("edge-1", Optional.of(second.epoch()), "12:00:02"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("it is held up at epoch " + first.epoch());

        assertThat(declareLost("edge-1", Optional.empty(), "12:00:03").over()).isTrue();
        assertThat(statuses("12:00:03")).containsEntry(TEN, "complete").containsEntry(ELEVEN, "complete");
        assertThat(alarms(rollup("12:00:04"))).isEmpty();
    }

    @Test
    void whatAMachineLostWhenItDiedIsAwaitedUntilItIsDeclared() throws Exception {
        EdgeLog first = begun("edge-1", "10:00", 1);
        segments.publish(first.seal(0, at("10:20"), 5));
        segments.publish(first.recoveredAfterCrash(0, at("10:21"), at("10:20:30")));
        EdgeLog second = new EdgeLog("edge-1", at("10:30"), 1, Optional.of(first.left()));
        segments.publish(second.seal(0, at("11:00"), 5));

        assertThat(alarms(rollup("11:00:01")))
                .singleElement()
                .asString()
                .contains("its machine died", "hours are incomplete from 2026-11-01T10:20:30Z on");
        declareLost("edge-1", Optional.empty(), "11:00:02");
        assertThat(statuses("11:00:02")).containsEntry(TEN, "complete");
    }

    @Test
    void twoCopiesOfADataFolderAreAContradiction() throws Exception {
        EdgeLog first = begun("edge-1", "10:00", 1);
        segments.publish(first.seal(0, at("10:20"), 5, EdgeLog::ended));
        EdgeLog second = new EdgeLog("edge-1", at("10:30"), 1, Optional.of(first.left()));
        segments.publish(second.seal(0, at("10:40"), 5));
        rollup("10:40:01");
        EdgeLog copy = new EdgeLog("edge-1", at("10:35"), 1, Optional.of(first.left()));
        segments.publish(copy.seal(0, at("10:45"), 5));
        segments.publish(second.seal(0, at("11:00"), 5));

        assertThat(alarms(rollup("11:00:01"))).singleElement().asString().contains("two copies of one data folder");
        assertThat(statuses("11:00:01")).containsEntry(TEN, "incomplete");
        declareLost("edge-1", Optional.of(copy.epoch()), "11:00:02");
        assertThat(statuses("11:00:02")).containsEntry(TEN, "complete");
        segments.publish(copy.seal(0, at("11:00"), 5));
        assertThat(alarms(rollup("11:00:03"))).as("settled").isEmpty();
    }

    @Test
    void whatIsOnlySilentCannotBeDeclaredLostBeforeTheEdgeIsRetired() throws Exception {
        EdgeLog log = begun("edge-1", "10:00", 1);
        segments.publish(log.seal(0, at("10:30"), 5));
        rollup("10:31");
        assertThatThrownBy(() -> declareLost("edge-1", Optional.empty(), "12:00"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("nothing came behind segment 1, but it may still come")
                .hasMessageContaining("counterfoil edge retire edge-1");
        new EdgeRosterStore(database.jdbi()).retire("edge-1", at("10:35"), decision("12:01"));
        assertThat(statuses("12:01")).containsEntry(TEN, "incomplete").containsEntry(ELEVEN, "complete");

        declareLost("edge-1", Optional.empty(), "12:02");

        assertThat(statuses("12:02")).containsEntry(TEN, "complete");
        assertThat(new CoverageStore(database.jdbi()).faults(at("12:03"))).isEmpty();
    }

    @Test
    void aLateRecordRevisesAnHour() throws Exception {
        EdgeLog steady = begun("edge-1", "09:00", 1);
        EdgeLog guest = begun("edge-2", "10:00", 1);
        segments.publish(steady.seal(0, at("11:30"), 5));
        segments.publish(guest.seal(0, at("10:20"), 5));
        rollup("11:30:01");
        new EdgeRosterStore(database.jdbi()).retire("edge-2", at("10:30"), decision("11:31"));
        declareLost("edge-2", Optional.empty(), "11:31");
        assertThat(statuses("11:31")).containsEntry(TEN, "complete");
        segments.publish(guest.seal(0, at("10:25"), 5));

        rollup("11:31:01");

        assertThat(statuses("11:31:01"))
                .containsEntry("2026-11-01T09:00:00Z", "complete")
                .containsEntry(TEN, "revised")
                .containsEntry(ELEVEN, "running");
    }

    @Test
    void whoeverSendsRecordsIsWaitedFor() throws Exception {
        EdgeLog log = new EdgeLog("edge-1", at("10:00"), 1, Optional.empty());
        segments.publish(log.seal(0, at("10:20"), 60));
        rollup("10:20:01");

        assertThat(statuses("11:20")).containsEntry(TEN, "incomplete");
        assertThat(decisions()).containsExactly("rollup register edge-1: it sent records and was not on the roster");
        new EdgeRosterStore(database.jdbi()).retire("edge-1", at("10:21"), decision("11:21"));
        segments.publish(log.seal(0, at("11:20"), 60));
        rollup("11:21");
        assertThat(statuses("12:20")).containsEntry(ELEVEN, "incomplete");
    }

    @Test
    void anEdgeRegisteredByHandBeginsWithItsFirstSegment() throws Exception {
        EdgeRosterStore roster = new EdgeRosterStore(database.jdbi());
        roster.register("worker-1", at("09:30"), decision("09:30"));
        assertThat(alarms(rollup("10:30"))).singleElement().asString().contains("no epoch of it has come");
        EdgeLog log = new EdgeLog("worker-1", at("10:20"), 1, Optional.empty());
        segments.publish(log.seal(0, at("11:00"), 60));

        assertThat(alarms(rollup("11:00:01"))).isEmpty();
        assertThat(statuses("11:00:01"))
                .containsEntry("2026-11-01T09:00:00Z", "complete")
                .containsEntry(TEN, "complete");
        assertThatThrownBy(() -> roster.register("worker-1", at("12:00"), decision("12:00")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("is on the roster from 2026-11-01T09:30:00Z on");
    }

    @Test
    void anEdgeRetiredByMistakeIsRegisteredAgainAndGoesOnInItsEpoch() throws Exception {
        EdgeLog first = begun("edge-1", "09:00", 1);
        segments.publish(first.seal(0, at("09:30"), 5, EdgeLog::ended));
        EdgeLog second = new EdgeLog("edge-1", at("09:31"), 1, Optional.of(first.left()));
        segments.publish(second.seal(0, at("10:10"), 5));
        rollup("10:10:01");
        EdgeRosterStore roster = new EdgeRosterStore(database.jdbi());
        roster.retire("edge-1", at("10:10"), decision("10:11"));
        roster.register("edge-1", at("10:10"), decision("10:12"));
        segments.publish(second.seal(0, at("11:00"), 5));

        assertThat(alarms(rollup("11:00:01"))).isEmpty();
        assertThat(statuses("11:00:01"))
                .containsEntry("2026-11-01T09:00:00Z", "complete")
                .containsEntry(TEN, "complete");
    }

    @Test
    void theHourThatEndsBehindARetiredEdgeIsNotedAndRevised() throws Exception {
        EdgeLog log = begun("edge-1", "10:00", 1);
        segments.publish(log.seal(0, at("10:20"), 5));
        segments.publish(log.end(0, at("10:20")));
        rollup("10:20:01");
        new EdgeRosterStore(database.jdbi()).retire("edge-1", at("10:21"), decision("10:22"));
        assertThat(statuses("10:22")).containsEntry(TEN, "running");
        assertThat(statuses("11:01")).containsEntry(TEN, "complete");
        EdgeLog late = new EdgeLog("edge-9", at("10:00"), 1, Optional.empty());
        segments.publish(late.seal(0, at("10:20"), 5));
        rollup("11:02");
        assertThat(statuses("11:02")).containsEntry(TEN, "incomplete");
        segments.publish(late.end(0, at("11:01")));
        rollup("11:03");

        assertThat(statuses("11:03")).containsEntry(TEN, "revised");
    }

    @Test
    void anImportedSourceKeepsItsHoursIncompleteUntilItIsClosed() throws Exception {
        importLine("2026-11-01T08:10:00Z");
        rollup("11:30");
        assertThat(rows("11:30"))
                .extracting(row ->
                        row.get("hour") + " " + row.get("status") + " " + row.get("edge") + " " + row.get("mend"))
                .containsExactly(
                        "2026-11-01T08:00:00Z incomplete blog counterfoil source close blog",
                        "2026-11-01T09:00:00Z incomplete blog counterfoil source close blog",
                        TEN + " incomplete blog counterfoil source close blog",
                        ELEVEN + " running - -");
        SourceStore sources = new SourceStore(database.jdbi());

        sources.close("blog", Optional.of(at("10:00")), decision("11:31"));
        assertThat(statuses("11:31"))
                .containsEntry("2026-11-01T09:00:00Z", "complete")
                .containsEntry(TEN, "incomplete");
        sources.close("blog", Optional.empty(), decision("11:32"));
        assertThat(statuses("12:32")).containsEntry(TEN, "complete").containsEntry(ELEVEN, "complete");

        importLine("2026-11-01T08:20:00Z");
        rollup("12:33");
        assertThat(statuses("12:33"))
                .containsEntry("2026-11-01T08:00:00Z", "revised")
                .containsEntry("2026-11-01T09:00:00Z", "complete");
        assertThatThrownBy(() -> sources.close("log", Optional.empty(), decision("12:34")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("source 'log' is not known");
        assertThat(decisions()).hasSize(2).allMatch(each -> each.startsWith("erin close source blog: "));
    }

    /** The same file, grown by a line. */
    private void importLine(String time) {
        imported.append(time).append(",200,5,bob,/a\n");
        new ImportJob(folder, database.jdbcUrl(), InstantSource.fixed(at("11:00")), lines -> {})
                .run(
                        new ImportSettings("csv", "user", "blog", Optional.empty(), true, false, true),
                        "log.csv",
                        new ByteArrayInputStream(imported.toString().getBytes(StandardCharsets.UTF_8)));
    }

    private EdgeLog begun(String edge, String time, int streams) {
        EdgeLog log = new EdgeLog(edge, at(time), streams, Optional.empty());
        register(edge, log, time);
        return log;
    }

    private void register(String edge, EdgeLog log, String time) {
        new EdgeRosterStore(database.jdbi()).register(edge, Optional.of(log.epoch()), at(time));
    }

    private LostLogStore.Lost declareLost(String edge, Optional<String> epoch, String time) {
        return new LostLogStore(database.jdbi()).declare(edge, epoch, decision(time));
    }

    private static Decision decision(String time) {
        return new Decision("erin", "the disk burnt", at(time));
    }

    private RollupResult rollup(String time) {
        return new RollupJob(
                        SparkForTests.session(), folder.toString(), database.jdbcUrl(), InstantSource.fixed(at(time)))
                .run();
    }

    private static List<String> alarms(RollupResult result) {
        return result.alarms().stream().map(CoverageStore.Fault::alarm).toList();
    }

    private SortedMap<String, String> statuses(String time) {
        SortedMap<String, String> statuses = new TreeMap<>();
        rows(time).forEach(row -> statuses.put(row.get("hour"), row.get("status")));
        return statuses;
    }

    private List<Map<String, String>> rows(String time) {
        return Report.named("hours").list(database.jdbi(), Map.of("at", at(time).toString()));
    }

    private List<String> completed() {
        return list("select to_char(hour at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') || ' at '"
                + " || to_char(completed_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from hour_status"
                + " order by 1");
    }

    private List<String> decisions() {
        return list("select actor || ' ' || decision || ' ' || name || ': ' || reason from completeness_decision"
                + " order by decision_id");
    }

    private List<String> list(String query) {
        return database.jdbi()
                .withHandle(
                        handle -> handle.createQuery(query).mapTo(String.class).list());
    }

    private static Instant at(String time) {
        return Instant.parse("2026-11-01T" + (time.length() == 5 ? time + ":00" : time) + "Z");
    }
}
