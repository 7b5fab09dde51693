package io.counterfoil.jobs.rollup;

import io.counterfoil.jobs.imports.ImportJob;
import io.counterfoil.jobs.imports.ImportSettings;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.hours.CoverageStore;
import io.counterfoil.sql.hours.EdgeRosterStore;
import io.counterfoil.sql.hours.SourceStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

import static io.counterfoil.jobs.rollup.RolledHours.alarms;
import static io.counterfoil.jobs.rollup.RolledHours.at;
import static io.counterfoil.jobs.rollup.RolledHours.decision;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Whose logs hours wait for: edges that come, go and are declared lost, and imported sources; late records revise. */
final class HoursRosterTest {
    private static final String TEN = "2026-11-01T10:00:00Z";
    private static final String ELEVEN = "2026-11-01T11:00:00Z";

    @TempDir
    Path folder;

    private final StringBuilder imported = new StringBuilder("time,status,bytes,user,path\n");
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
    void anEdgeAddedAndRetiredWithinAnHourIsWaitedForInBetween() throws Exception {
        EdgeLog steady = hours.begun("edge-1", "09:00", 1);
        EdgeLog guest = hours.begun("edge-2", "10:10", 1);
        hours.publish(steady.seal(0, at("11:00"), 5));
        hours.publish(guest.seal(0, at("10:30"), 5));
        hours.rollup("11:00:01");
        assertThat(hours.statuses("11:00:01"))
                .containsEntry("2026-11-01T09:00:00Z", "complete")
                .containsEntry(TEN, "incomplete");
        Instant through = new EdgeRosterStore(hours.jdbi()).retire("edge-2", at("10:40"), decision("11:01"));
        assertThat(through).isEqualTo(at("10:30"));
        assertThat(hours.statuses("11:01")).containsEntry(TEN, "incomplete");
        hours.publish(guest.end(0, at("10:39")));

        assertThat(alarms(hours.rollup("11:02"))).isEmpty();
        assertThat(hours.statuses("11:02")).containsEntry(TEN, "complete");
        assertThat(alarms(hours.rollup("15:00")))
                .as("of edge-2 nothing is awaited")
                .hasSize(1);
    }

    @Test
    void whatIsOnlySilentCannotBeDeclaredLostBeforeTheEdgeIsRetired() throws Exception {
        EdgeLog log = hours.begun("edge-1", "10:00", 1);
        hours.publish(log.seal(0, at("10:30"), 5));
        hours.rollup("10:31");
        assertThatThrownBy(() -> hours.declareLost("edge-1", Optional.empty(), "12:00"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("nothing came behind segment 1, but it may still come")
                .hasMessageContaining("counterfoil edge retire edge-1");
        new EdgeRosterStore(hours.jdbi()).retire("edge-1", at("10:35"), decision("12:01"));
        assertThat(hours.statuses("12:01")).containsEntry(TEN, "incomplete").containsEntry(ELEVEN, "complete");

        hours.declareLost("edge-1", Optional.empty(), "12:02");

        assertThat(hours.statuses("12:02")).containsEntry(TEN, "complete");
        assertThat(new CoverageStore(hours.jdbi()).faults(at("12:03"))).isEmpty();
    }

    @Test
    void aLateRecordRevisesAnHour() throws Exception {
        EdgeLog steady = hours.begun("edge-1", "09:00", 1);
        EdgeLog guest = hours.begun("edge-2", "10:00", 1);
        hours.publish(steady.seal(0, at("11:30"), 5));
        hours.publish(guest.seal(0, at("10:20"), 5));
        hours.rollup("11:30:01");
        new EdgeRosterStore(hours.jdbi()).retire("edge-2", at("10:30"), decision("11:31"));
        hours.declareLost("edge-2", Optional.empty(), "11:31");
        assertThat(hours.statuses("11:31")).containsEntry(TEN, "complete");
        hours.publish(guest.seal(0, at("10:25"), 5));

        hours.rollup("11:31:01");

        assertThat(hours.statuses("11:31:01"))
                .containsEntry("2026-11-01T09:00:00Z", "complete")
                .containsEntry(TEN, "revised")
                .containsEntry(ELEVEN, "running");
    }

    @Test
    void whoeverSendsRecordsIsWaitedFor() throws Exception {
        EdgeLog log = new EdgeLog("edge-1", at("10:00"), 1, Optional.empty());
        hours.publish(log.seal(0, at("10:20"), 60));
        hours.rollup("10:20:01");

        assertThat(hours.statuses("11:20")).containsEntry(TEN, "incomplete");
        assertThat(hours.decisions())
                .containsExactly("rollup register edge-1: it sent records and was not on the roster");
        new EdgeRosterStore(hours.jdbi()).retire("edge-1", at("10:21"), decision("11:21"));
        hours.publish(log.seal(0, at("11:20"), 60));
        hours.rollup("11:21");
        assertThat(hours.statuses("12:20")).containsEntry(ELEVEN, "incomplete");
    }

    @Test
    void anEdgeRegisteredByHandBeginsWithItsFirstSegment() throws Exception {
        EdgeRosterStore roster = new EdgeRosterStore(hours.jdbi());
        roster.register("worker-1", at("09:30"), decision("09:30"));
        assertThat(alarms(hours.rollup("10:30"))).singleElement().asString().contains("no epoch of it has come");
        EdgeLog log = new EdgeLog("worker-1", at("10:20"), 1, Optional.empty());
        hours.publish(log.seal(0, at("11:00"), 60));

        assertThat(alarms(hours.rollup("11:00:01"))).isEmpty();
        assertThat(hours.statuses("11:00:01"))
                .containsEntry("2026-11-01T09:00:00Z", "complete")
                .containsEntry(TEN, "complete");
        assertThatThrownBy(() -> roster.register("worker-1", at("12:00"), decision("12:00")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("is on the roster from 2026-11-01T09:30:00Z on");
    }

    @Test
    void anEdgeRetiredByMistakeIsRegisteredAgainAndGoesOnInItsEpoch() throws Exception {
        EdgeLog first = hours.begun("edge-1", "09:00", 1);
        hours.publish(first.seal(0, at("09:30"), 5, EdgeLog::ended));
        EdgeLog second = new EdgeLog("edge-1", at("09:31"), 1, Optional.of(first.left()));
        hours.publish(second.seal(0, at("10:10"), 5));
        hours.rollup("10:10:01");
        EdgeRosterStore roster = new EdgeRosterStore(hours.jdbi());
        roster.retire("edge-1", at("10:10"), decision("10:11"));
        roster.register("edge-1", at("10:10"), decision("10:12"));
        hours.publish(second.seal(0, at("11:00"), 5));

        assertThat(alarms(hours.rollup("11:00:01"))).isEmpty();
        assertThat(hours.statuses("11:00:01"))
                .containsEntry("2026-11-01T09:00:00Z", "complete")
                .containsEntry(TEN, "complete");
    }

    @Test
    void theHourThatEndsBehindARetiredEdgeIsNotedAndRevised() throws Exception {
        EdgeLog log = hours.begun("edge-1", "10:00", 1);
        hours.publish(log.seal(0, at("10:20"), 5));
        hours.publish(log.end(0, at("10:20")));
        hours.rollup("10:20:01");
        new EdgeRosterStore(hours.jdbi()).retire("edge-1", at("10:21"), decision("10:22"));
        assertThat(hours.statuses("10:22")).containsEntry(TEN, "running");
        assertThat(hours.statuses("11:01")).containsEntry(TEN, "complete");
        EdgeLog late = new EdgeLog("edge-9", at("10:00"), 1, Optional.empty());
        hours.publish(late.seal(0, at("10:20"), 5));
        hours.rollup("11:02");
        assertThat(hours.statuses("11:02")).containsEntry(TEN, "incomplete");
        hours.publish(late.end(0, at("11:01")));
        hours.rollup("11:03");

        assertThat(hours.statuses("11:03")).containsEntry(TEN, "revised");
    }

    @Test
    void anImportedSourceKeepsItsHoursIncompleteUntilItIsClosed() throws Exception {
        importLine("2026-11-01T08:10:00Z");
        hours.rollup("11:30");
        assertThat(hours.rows("11:30"))
                .extracting(row ->
                        row.get("hour") + " " + row.get("status") + " " + row.get("edge") + " " + row.get("mend"))
                .containsExactly(
                        "2026-11-01T08:00:00Z incomplete blog counterfoil source close blog",
                        "2026-11-01T09:00:00Z incomplete blog counterfoil source close blog",
                        TEN + " incomplete blog counterfoil source close blog",
                        ELEVEN + " running - -");
        SourceStore sources = new SourceStore(hours.jdbi());

        sources.close("blog", Optional.of(at("10:00")), decision("11:31"));
        assertThat(hours.statuses("11:31"))
                .containsEntry("2026-11-01T09:00:00Z", "complete")
                .containsEntry(TEN, "incomplete");
        sources.close("blog", Optional.empty(), decision("11:32"));
        assertThat(hours.statuses("12:32")).containsEntry(TEN, "complete").containsEntry(ELEVEN, "complete");

        importLine("2026-11-01T08:20:00Z");
        hours.rollup("12:33");
        assertThat(hours.statuses("12:33"))
                .containsEntry("2026-11-01T08:00:00Z", "revised")
                .containsEntry("2026-11-01T09:00:00Z", "complete");
        assertThatThrownBy(() -> sources.close("log", Optional.empty(), decision("12:34")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("source 'log' is not known");
        assertThat(hours.decisions()).hasSize(2).allMatch(each -> each.startsWith("erin close source blog: "));
    }

    /** The same file, grown by a line. */
    private void importLine(String time) {
        imported.append(time).append(",200,5,bob,/a\n");
        new ImportJob(folder, hours.databaseUrl(), InstantSource.fixed(at("11:00")), lines -> {})
                .run(
                        new ImportSettings("csv", "user", "blog", Optional.empty(), true, false, true),
                        "log.csv",
                        new ByteArrayInputStream(imported.toString().getBytes(StandardCharsets.UTF_8)));
    }
}
