package io.counterfoil.jobs.rollup;

import io.counterfoil.accesslog.collected.BatchId;
import io.counterfoil.accesslog.collected.CollectedBatch;
import io.counterfoil.accesslog.collected.CollectedBatch.CollectedRecord;
import io.counterfoil.accesslog.collected.CollectedBatch.Reject;
import io.counterfoil.accesslog.collected.CollectedLog;
import io.counterfoil.accesslog.collected.CollectedLogConfig;
import io.counterfoil.accesslog.collected.CountedBatches;
import io.counterfoil.accesslog.collected.KeyNumbers;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.hours.ControlTotalStore;
import io.counterfoil.sql.hours.ControlTotalStore.Total;
import io.counterfoil.sql.report.Report;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What the database knows of records that came in batches. */
final class CollectedSourcesTest {
    private static final String KNOWN = "ab".repeat(32);

    @TempDir
    Path folder;

    private RolledHours hours;

    @BeforeEach
    void open() {
        hours = new RolledHours(folder.resolve("landing"));
    }

    @AfterEach
    void close() {
        hours.close();
    }

    /** So many records that ended then. */
    private static CollectedBatch batch(String instance, long number, String time, int records) {
        return batch(instance, number, time, records, 0, KNOWN);
    }

    private static CollectedBatch batch(
            String instance, long number, String time, int records, long skewMicros, String key) {
        List<CollectedRecord> all = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            all.add(new CollectedRecord(
                    i + 1,
                    RolledHours.at(time).toEpochMilli() * 1000 + i,
                    Optional.of(key),
                    new RequestFacts(0, "items", "GET", 200, 0, 10, 5, 1, Decision.ADMITTED, "", "", "/v1/items/1")));
        }
        return new CollectedBatch(new BatchId(instance, number), skewMicros, all, List.of());
    }

    private void collect(String collector, String time, CollectedBatch... batches) throws Exception {
        collect(collector, time, KNOWN, batches);
    }

    /** @param key known too */
    private void collect(String collector, String time, String key, CollectedBatch... batches) throws Exception {
        CollectedLogConfig config = new CollectedLogConfig(
                folder.resolve(collector), Set.of("shop"), Duration.ofMillis(10), Long.MAX_VALUE);
        try (CollectedLog log = CollectedLog.open(
                config,
                new FolderLanding(folder.resolve("landing")),
                sha256 -> sha256.equals(KNOWN) || sha256.equals(key) ? 7 : KeyNumbers.UNKNOWN,
                InstantSource.fixed(RolledHours.at(time)),
                CountedBatches.NONE,
                notice -> {})) {
            for (CollectedBatch batch : batches) {
                log.take("shop", batch).get(30, TimeUnit.SECONDS);
            }
        }
    }

    private String source() {
        Map<String, String> row =
                Report.named("sources").list(hours.jdbi(), Map.of()).get(0);
        return row.get("source") + " " + row.get("grade") + ", " + row.get("requests") + " requests, "
                + row.get("instances") + " instances, " + row.get("missing_batches") + " missing, " + row.get("held")
                + " held, skew " + row.get("skew_s");
    }

    @Test
    void aBatchThatDidNotComeIsAGapOfItsInstanceUntilItComes() throws Exception {
        collect("one", "10:20", batch("a", 1, "10:00", 5), batch("a", 3, "10:01", 5));
        collect("one", "11:20", batch("b", 1, "11:00", 2));
        RollupResult first = hours.rollup("12:00");
        assertThat(first.records()).isEqualTo(12);
        assertThat(source()).isEqualTo("shop gap-detectable, 12 requests, 2 instances, 1 missing, 0 held, skew 0.0");
        assertThat(RolledHours.alarms(first))
                .as("batches may overtake each other")
                .isEmpty();
        assertThat(RolledHours.alarms(hours.rollup("12:05")))
                .containsExactly("source shop: batches of it did not come: 1 of 1 instance, what was in them is not"
                        + " counted: see whether its sender still has them (a queue retries); else compare with the"
                        + " platform's own count: counterfoil control-total shop --hour HOUR --requests N");
        assertThat(hours.rows("12:05").stream()
                        .filter(row -> row.get("missing").contains("batches"))
                        .map(row ->
                                row.get("hour").substring(11, 13) + " " + row.get("grade") + ": " + row.get("missing")))
                .containsExactly("10 gap-detectable: 1 batches of 1 instances did not come");

        collect("one", "12:06", batch("a", 2, "10:00", 4));
        assertThat(RolledHours.alarms(hours.rollup("12:10"))).isEmpty();
        assertThat(source()).isEqualTo("shop gap-detectable, 16 requests, 2 instances, 0 missing, 0 held, skew 0.0");
    }

    @Test
    void aBatchThatTwoCollectorsTookCountsOnce() throws Exception {
        collect("one", "10:20", batch("a", 1, "10:00", 5), batch("a", 2, "10:00", 5));
        hours.rollup("12:00");
        collect("two", "10:21", batch("a", 2, "10:00", 5));
        collect("three", "10:22", batch("a", 3, "10:00", 1));
        collect("four", "10:23", batch("a", 3, "10:00", 1));
        RollupResult second = hours.rollup("12:01");

        assertThat(second.quarantined()).hasSize(2).allMatch(line -> line.contains("batches of its source"));
        assertThat(source()).isEqualTo("shop gap-detectable, 11 requests, 1 instances, 0 missing, 0 held, skew 0.0");
        assertThat(hours.list("select sum(requests)::text from usage_hourly")).containsExactly("11");
    }

    @Test
    void whatWaitsForItsKeyAndWhoseClockIsOffIsToldOf() throws Exception {
        collect(
                "one",
                "10:20",
                batch("a", 1, "10:00", 5),
                batch("a", 2, "10:00", 3, 0, "cd".repeat(32)),
                batch("a", 3, "09:20", 1, -3_600_000_000L, KNOWN));
        RollupResult result = hours.rollup("12:00");
        assertThat(source()).isEqualTo("shop gap-detectable, 6 requests, 1 instances, 0 missing, 3 held, skew -3600.0");
        assertThat(RolledHours.alarms(result))
                .containsExactly("source shop: a sender's clock is off: by 3600 s, it is behind; its requests count in"
                        + " the hours that it says: set the clock of shop or of its collector right");
        collect("one", "10:21", batch("a", 4, "10:00", 1));
        assertThat(RolledHours.alarms(hours.rollup("12:01"))).isEmpty();
        assertThat(hours.list("select requests::text from source_hour order by hour"))
                .containsExactly("1", "6");
    }

    @Test
    void aSourceOfWhichNothingIsCountedYetIsOneAndItsHoursWait() throws Exception {
        collect("one", "10:20", batch("a", 1, "10:00", 3, 0, "cd".repeat(32)));
        hours.rollup("11:30");
        assertThat(source()).isEqualTo("shop gap-detectable, 0 requests, 1 instances, 0 missing, 3 held, skew 0.0");
        collect("one", "10:21", "cd".repeat(32), batch("a", 2, "10:00", 1));
        hours.rollup("11:31");
        assertThat(source()).isEqualTo("shop gap-detectable, 4 requests, 1 instances, 0 missing, 0 held, skew 0.0");
        assertThat(hours.statuses("11:32")).containsEntry("2026-11-01T10:00:00Z", "incomplete");
    }

    @Test
    void manySegmentsOfManyBatchesAreHeldAgainstEachOtherAtOnce() throws Exception {
        List<CollectedBatch> batches = new ArrayList<>();
        for (int number = 1; number <= 300; number++) {
            for (int instance = 0; instance < 5; instance++) {
                batches.add(batch("i" + instance, number, "10:00", 1));
            }
        }
        collect("one", "10:20", batches.toArray(CollectedBatch[]::new));
        collect("two", "10:21", batch("i3", 150, "10:00", 1), batch("i9", 1, "10:00", 1));
        collect("three", "10:22", batch("i9", 2, "10:00", 1));
        RollupResult result = hours.rollup("12:00");
        assertThat(result.quarantined()).hasSize(1);
        assertThat(source()).startsWith("shop gap-detectable, 150");
    }

    @Test
    void rejectsOfABatchAreKeptWithTheirPlace() throws Exception {
        CollectedBatch mixed = new CollectedBatch(
                new BatchId("a", 1),
                0,
                batch("a", 1, "10:00", 1).records(),
                List.of(new Reject(2, 9, "not JSON, or a member stands twice")));
        collect("one", "10:20", mixed);
        assertThat(hours.rollup("12:00").rejects()).isEqualTo(1);
        assertThat(Report.listOf("rejects").list(hours.jdbi(), Map.of()).stream()
                        .map(row -> row.get("file") + " line " + row.get("line") + ": " + row.get("reason")))
                .containsExactly("collector line 2: batch a/1: not JSON, or a member stands twice");
    }

    @Test
    void aControlTotalIsHeldAgainstWhatWasCounted() throws Exception {
        collect("one", "10:20", batch("a", 1, "10:00", 95));
        hours.rollup("12:00");
        ControlTotalStore totals = new ControlTotalStore(hours.jdbi());
        Instant hour = RolledHours.at("10:00");
        assertThat(totals.enter(new Total("shop", hour, 99, false), RolledHours.decision("12:01")))
                .isEqualTo(95);
        totals.enter(new Total("shop", hour, 100, true), RolledHours.decision("12:02"));
        assertThat(Report.named("control-totals").list(hours.jdbi(), Map.of("source", "shop")))
                .containsExactly(Map.of(
                        "hour", "2026-11-01T10:00:00Z",
                        "source", "shop",
                        "platform", "100",
                        "counted", "95",
                        "difference", "5",
                        "percent", "5.00",
                        "basis", "estimate",
                        "actor", "erin",
                        "reason", "the disk burnt"));
        assertThatThrownBy(() -> totals.enter(new Total("nobody", hour, 1, false), RolledHours.decision("12:03")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("source 'nobody' is not known");
        assertThatThrownBy(() ->
                        totals.enter(new Total("shop", hour.plusSeconds(1), 1, false), RolledHours.decision("12:03")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("expected the beginning of an hour");
    }
}
