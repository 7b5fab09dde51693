package io.counterfoil.jobs.archive;

import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.SealJson;
import io.counterfoil.jobs.archive.AuditResult.Difference;
import io.counterfoil.jobs.rollup.LandedSegments;
import io.counterfoil.jobs.rollup.SparkForTests;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.archive.AuditStore;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.rollup.RepairStore;
import io.counterfoil.sql.rollup.SegmentKey;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

import static io.counterfoil.jobs.archive.CountedSegments.NOW;
import static io.counterfoil.jobs.archive.CountedSegments.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Archive and audit; what the archive holds is read by DuckDB. */
final class ArchiveJobTest {
    @TempDir
    Path folder;

    private CountedSegments counted;

    @BeforeEach
    void countSegments() throws Exception {
        counted = new CountedSegments(folder);
    }

    @Test
    void duckdbReadsEveryRecordInItsHourSortedByKeyAndTime() throws Exception {
        ArchiveResult result = counted.archive();

        assertThat(result.records()).isEqualTo(2000);
        assertThat(result.segments()).isEqualTo(10);
        String sums =
                "select (ts_us // 3600000000 * 3600) || ' ' || key_id || ' ' || route || ' ' || case when decision in"
                        + " ('refused', 'unauthorized') then decision when status < 400 then 'success' when status < 500 then"
                        + " 'client_error' else 'server_error' end as name, count(*), sum(units), sum(bytes_in), sum(bytes_out),"
                        + " sum(duration_us) from " + counted.parquet() + " group by 1 order by 1";
        TreeMap<String, String> expected = new TreeMap<>();
        counted.segments()
                .expected()
                .forEach((name, values) -> expected.put(
                        name,
                        name + " "
                                + String.join(
                                        " ",
                                        values.stream().map(String::valueOf).toList())));
        assertThat(CountedSegments.duckdb(sums)).as(counted.seed()).isEqualTo(List.copyOf(expected.values()));
        assertThat(CountedSegments.duckdb("select count(*) from " + counted.parquet()
                        + " where hour <> strftime(make_timestamp(ts_us), '%Y-%m-%dT%H')"))
                .containsExactly("0");
        assertThat(CountedSegments.duckdb(
                        "select count(*) from (select (key_id, ts_us) as now, lag((key_id, ts_us)) over (partition by filename"
                                + " order by file_row_number) as before from read_parquet('" + counted.archiveFolder()
                                + "/*/*.parquet', filename = true, file_row_number = true)) where now < before"))
                .containsExactly("0");
        assertThat(CountedSegments.duckdb("select distinct compression from parquet_metadata('"
                        + counted.archiveFolder() + "/*/*.parquet')"))
                .containsExactly("ZSTD");
        assertThat(counted.archive().archives()).as("once").isZero();
    }

    @Test
    void theAuditFindsWhatSomebodyChanged() throws Exception {
        counted.archive();
        AuditResult clean = counted.audit(false);
        counted.database()
                .jdbi()
                .useHandle(handle -> handle.execute("update usage_hourly set requests = requests - 1, units = units + 2"
                        + " where ctid = (select min(ctid) from usage_hourly where key_id = 4)"));
        AuditResult notLookedAgain = counted.audit(false);
        AuditResult changed = counted.audit(true);

        assertThat(clean.differences()).as(counted.seed()).isEmpty();
        assertThat(clean.records()).isEqualTo(2000);
        assertThat(notLookedAgain.hours()).isZero();
        assertThat(changed.differences()).hasSize(1);
        Difference difference = changed.differences().get(0);
        assertThat(difference.keyId()).isEqualTo(4);
        assertThat(difference.archived().get(0) - difference.counted().get(0)).isEqualTo(1);
        assertThat(difference.counted().get(1) - difference.archived().get(1)).isEqualTo(2);
        assertThat(counted.audit(false).differences())
                .as("a difference is looked at again")
                .hasSize(1);
    }

    @Test
    void usageWithoutALogAndALogWithoutUsageAreDifferences() {
        counted.archive();
        counted.database().jdbi().useHandle(handle -> {
            handle.execute(
                    "insert into usage_hourly values ('2026-11-01T09:00:00Z', 99, 'items', 'success', 5, 5, 0, 1, 1)");
            handle.execute("delete from usage_hourly where key_id = 7");
        });
        AuditResult result = counted.audit(true);

        assertThat(result.differences())
                .anyMatch(each -> each.keyId() == 99 && each.archived().get(0) == 0);
        assertThat(result.differences())
                .anyMatch(each -> each.keyId() == 7 && each.counted().get(0) == 0);
        assertThat(result.differences()).allMatch(each -> each.keyId() == 99 || each.keyId() == 7);
    }

    @Test
    void anHourIsAuditedWhenAllOfItIsArchivedAndAgainWhenSomethingCameLate() throws Exception {
        counted.archive();
        counted.audit(false);
        RequestFacts late = LandedSegments.facts(3);
        counted.segments()
                .publish(LandedSegments.build(
                        LandedSegments.stream("edge-late", 0),
                        1,
                        1,
                        Collections.nCopies(9, late),
                        START * 1_000_000,
                        1));
        counted.rollup();

        AuditResult waits = counted.audit(false);
        counted.archive();
        AuditResult again = counted.audit(false);

        assertThat(waits.hours()).isZero();
        assertThat(again.hours()).isEqualTo(1);
        assertThat(again.differences()).as(counted.seed()).isEmpty();
    }

    @Test
    void rejectedRecordsAreArchivedAndNotCounted() throws Exception {
        long tomorrow = NOW.plusSeconds(25 * 3600).toEpochMilli() * 1000;
        counted.segments()
                .publish(LandedSegments.build(
                        LandedSegments.stream("edge-ahead", 0), 1, 1, List.of(LandedSegments.facts(3)), tomorrow, 1));
        counted.segments()
                .publish(LandedSegments.build(
                        LandedSegments.stream("edge-ahead", 0), 2, 2, List.of(LandedSegments.facts(3)), 1, 1));
        counted.rollup();
        ArchiveResult result = counted.archive();

        assertThat(result.records()).isEqualTo(2002);
        assertThat(counted.audit(false).differences()).as(counted.seed()).isEmpty();
        assertThat(counted.archiveFolder().resolve("hour=unknown")).isDirectory();
    }

    @Test
    void anHourIsAuditedAgainOnceRejectsOfItCount() throws Exception {
        Instant tomorrow = NOW.plusSeconds(25 * 3600);
        askRetryOfARecordOf(tomorrow);

        counted.rollup(tomorrow);
        AuditResult again = counted.audit(false);

        assertThat(counted.database().usage())
                .as(counted.seed())
                .isEqualTo(counted.segments().expected());
        assertThat(again.hours()).isEqualTo(1);
        assertThat(again.records()).isEqualTo(1);
        assertThat(again.differences()).isEmpty();
    }

    /** One that was too far ahead; archived and audited as nothing; asked for again. */
    private void askRetryOfARecordOf(Instant tomorrow) throws Exception {
        Seal ahead = counted.segments()
                .publishCounted(LandedSegments.build(
                        LandedSegments.stream("edge-ahead", 0),
                        1,
                        1,
                        List.of(LandedSegments.facts(3)),
                        tomorrow.toEpochMilli() * 1000,
                        1))
                .seal();
        counted.rollup();
        counted.archive();
        counted.audit(false);
        assertThat(counted.audit(false).hours()).isZero();
        assertThat(new RepairStore(counted.database().jdbi())
                        .askRetry(
                                new SegmentKey(
                                        "edge-ahead",
                                        ahead.id().stream().epoch().toString(),
                                        0,
                                        1),
                                new String(SealJson.write(ahead), StandardCharsets.UTF_8),
                                ahead.sha256(),
                                new Decision("ops", "its time has come", tomorrow)))
                .isTrue();
    }

    @Test
    void whatWaitsForASecondLookStaysInTheLanding() throws Exception {
        askRetryOfARecordOf(NOW.plusSeconds(25 * 3600));

        assertThat(counted.retain(NOW.plusSeconds(86_400 * 60))).isEqualTo(10);
        counted.rollup(NOW.plusSeconds(86_400 * 60));
        counted.audit(false);
        assertThat(counted.retain(NOW.plusSeconds(86_400 * 120))).isEqualTo(1);
        assertThat(counted.database().usage())
                .as(counted.seed())
                .isEqualTo(counted.segments().expected());
    }

    @Test
    void aRunThatDiedBeforeItsCommitLeavesNothingAndOneThatDiedAfterItIsFinished() throws Exception {
        Path pending = counted.archiveFolder().resolve("_pending/1/hour=2026-11-01T09");
        Files.createDirectories(pending);
        Files.writeString(pending.resolve("part-half.parquet"), "half");
        ArchiveResult first = counted.archive();
        assertThat(first.records()).isEqualTo(2000);
        assertThat(CountedSegments.duckdb("select count(*) from " + counted.parquet()))
                .containsExactly("2000");

        // As it was between the commit and the moves.
        try (Stream<Path> files = Files.walk(counted.archiveFolder())) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".parquet")).toList()) {
                String to = counted.database()
                        .jdbi()
                        .withHandle(handle -> handle.createQuery(
                                        "select pending_path from archive_file where path = :path")
                                .bind(
                                        "path",
                                        counted.archiveFolder().relativize(file).toString())
                                .mapTo(String.class)
                                .one());
                Files.createDirectories(counted.archiveFolder().resolve(to).getParent());
                Files.move(file, counted.archiveFolder().resolve(to));
                break;
            }
        }
        counted.database().jdbi().useHandle(handle -> handle.execute("update archive set published_at = null"));
        assertThat(counted.audit(false).hours()).as("not published").isZero();
        assertThat(counted.archive().archives()).isZero();
        assertThat(CountedSegments.duckdb("select count(*) from " + counted.parquet()))
                .containsExactly("2000");
        assertThat(counted.audit(false).differences()).isEmpty();
    }

    @Test
    void anAuditThatBeganBeforeRejectsCountedDoesNotStand() throws Exception {
        Instant tomorrow = NOW.plusSeconds(25 * 3600);
        askRetryOfARecordOf(tomorrow);
        AuditStore store = new AuditStore(counted.database().jdbi());
        AuditStore.Scope begun = store.scope(Optional.empty(), Optional.empty(), true, 100, usage -> {});

        counted.rollup(tomorrow);
        store.save(
                begun.hours().stream()
                        .map(hour -> new AuditStore.Result(hour, 0, 0))
                        .toList(),
                tomorrow);

        assertThat(counted.audit(false).hours()).isEqualTo(1);
        assertThat(counted.audit(false).hours()).isZero();
    }

    @Test
    void anArchiveBelongsToOneDatabase() throws Exception {
        counted.archive();
        CountedSegments other = new CountedSegments(folder.resolve("other"));

        assertThatThrownBy(() -> new ArchiveJob(
                        SparkForTests.session(),
                        other.landing().toString(),
                        counted.archiveFolder().toString(),
                        other.database().jdbcUrl(),
                        InstantSource.fixed(NOW)))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
                .hasMessageContaining("archive")
                .hasMessageContaining("belongs to database");
    }

    @Test
    void twoRunsAtOnceArchiveOnce() throws Exception {
        Thread other = new Thread(counted::archive);
        other.start();
        counted.archive();
        other.join();

        assertThat(CountedSegments.duckdb(
                        "select count(*), count(distinct (edge, stream, seq)) from " + counted.parquet()))
                .containsExactly("2000 2000");
    }

    @Test
    void anArchiveThatCannotBeWrittenIsTold() throws Exception {
        Files.writeString(counted.archiveFolder(), "in the way");

        assertThatThrownBy(counted::archive)
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(4));
    }
}
