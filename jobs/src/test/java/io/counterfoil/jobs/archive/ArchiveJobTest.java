package io.counterfoil.jobs.archive;

import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.SealJson;
import io.counterfoil.jobs.archive.AuditResult.Difference;
import io.counterfoil.jobs.rollup.LandedSegments;
import io.counterfoil.jobs.rollup.RollupJob;
import io.counterfoil.jobs.rollup.SparkForTests;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.rollup.RepairStore;
import io.counterfoil.sql.rollup.SegmentKey;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Archive, audit and retention; what the archive holds is read by DuckDB. */
final class ArchiveJobTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:30:00Z");
    private static final long START = NOW.getEpochSecond() - 3 * 3600;

    @TempDir
    Path folder;

    private final long seed = System.nanoTime();
    private TestDatabase database;
    private LandedSegments segments;
    private Path landing;
    private Path archive;

    @BeforeEach
    void countSegments() throws Exception {
        landing = folder.resolve("landing");
        archive = folder.resolve("archive");
        database = TestDatabase.fresh();
        segments = new LandedSegments(landing, seed, START);
        for (int stream = 0; stream < 2; stream++) {
            for (int number = 1; number <= 5; number++) {
                segments.publishCounted(segments.random(
                        LandedSegments.stream("edge-" + stream, stream), number, 200L * number - 199, 200));
            }
        }
        rollup();
    }

    private void rollup() {
        rollup(NOW);
    }

    private void rollup(Instant now) {
        new RollupJob(SparkForTests.session(), landing.toString(), database.jdbcUrl(), InstantSource.fixed(now)).run();
    }

    private ArchiveResult archive() {
        return new ArchiveJob(
                        SparkForTests.session(),
                        landing.toString(),
                        archive.toString(),
                        database.jdbcUrl(),
                        InstantSource.fixed(NOW))
                .run(soFar -> {});
    }

    private AuditResult audit(boolean all) {
        return new AuditJob(SparkForTests.session(), archive.toString(), database.jdbcUrl(), InstantSource.fixed(NOW))
                .run(Optional.empty(), Optional.empty(), all);
    }

    private long retain(Instant now) {
        return new RetainJob(
                        SparkForTests.session().sessionState().newHadoopConf(),
                        landing.toString(),
                        database.jdbcUrl(),
                        InstantSource.fixed(now))
                .run(Duration.ofDays(30));
    }

    private static List<String> duckdb(String sql) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                StringBuilder line = new StringBuilder();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    line.append(i > 1 ? " " : "").append(rows.getString(i));
                }
                found.add(line.toString());
            }
            return found;
        }
    }

    private String parquet() {
        return "read_parquet('" + archive + "/*/*.parquet', hive_partitioning = true, hive_types_autocast = false)";
    }

    @Test
    void duckdbReadsEveryRecordInItsHourSortedByKeyAndTime() throws Exception {
        ArchiveResult result = archive();

        assertThat(result.records()).isEqualTo(2000);
        assertThat(result.segments()).isEqualTo(10);
        String sums =
                "select (ts_us // 3600000000 * 3600) || ' ' || key_id || ' ' || route || ' ' || case when decision in"
                        + " ('refused', 'unauthorized') then decision when status < 400 then 'success' when status < 500 then"
                        + " 'client_error' else 'server_error' end as name, count(*), sum(units), sum(bytes_in), sum(bytes_out),"
                        + " sum(duration_us) from " + parquet() + " group by 1 order by 1";
        TreeMap<String, String> expected = new TreeMap<>();
        segments.expected()
                .forEach((name, values) -> expected.put(
                        name,
                        name + " "
                                + String.join(
                                        " ",
                                        values.stream().map(String::valueOf).toList())));
        assertThat(duckdb(sums)).as("seed " + seed).isEqualTo(List.copyOf(expected.values()));
        assertThat(duckdb("select count(*) from " + parquet()
                        + " where hour <> strftime(make_timestamp(ts_us), '%Y-%m-%dT%H')"))
                .containsExactly("0");
        assertThat(duckdb(
                        "select count(*) from (select (key_id, ts_us) as now, lag((key_id, ts_us)) over (partition by filename"
                                + " order by file_row_number) as before from read_parquet('" + archive
                                + "/*/*.parquet', filename = true, file_row_number = true)) where now < before"))
                .containsExactly("0");
        assertThat(duckdb("select distinct compression from parquet_metadata('" + archive + "/*/*.parquet')"))
                .containsExactly("ZSTD");
        assertThat(archive().archives()).as("once").isZero();
    }

    @Test
    void theAuditFindsWhatSomebodyChanged() throws Exception {
        archive();
        AuditResult clean = audit(false);
        database.jdbi()
                .useHandle(handle -> handle.execute("update usage_hourly set requests = requests - 1, units = units + 2"
                        + " where ctid = (select min(ctid) from usage_hourly where key_id = 4)"));
        AuditResult notLookedAgain = audit(false);
        AuditResult changed = audit(true);

        assertThat(clean.differences()).as("seed " + seed).isEmpty();
        assertThat(clean.records()).isEqualTo(2000);
        assertThat(notLookedAgain.hours()).isZero();
        assertThat(changed.differences()).hasSize(1);
        Difference difference = changed.differences().get(0);
        assertThat(difference.keyId()).isEqualTo(4);
        assertThat(difference.archived().get(0) - difference.counted().get(0)).isEqualTo(1);
        assertThat(difference.counted().get(1) - difference.archived().get(1)).isEqualTo(2);
        assertThat(audit(false).differences())
                .as("a difference is looked at again")
                .hasSize(1);
    }

    @Test
    void usageWithoutALogAndALogWithoutUsageAreDifferences() {
        archive();
        database.jdbi().useHandle(handle -> {
            handle.execute(
                    "insert into usage_hourly values ('2026-11-01T09:00:00Z', 99, 'items', 'success', 5, 5, 0, 1, 1)");
            handle.execute("delete from usage_hourly where key_id = 7");
        });
        AuditResult result = audit(true);

        assertThat(result.differences())
                .anyMatch(each -> each.keyId() == 99 && each.archived().get(0) == 0);
        assertThat(result.differences())
                .anyMatch(each -> each.keyId() == 7 && each.counted().get(0) == 0);
        assertThat(result.differences()).allMatch(each -> each.keyId() == 99 || each.keyId() == 7);
    }

    @Test
    void anHourIsAuditedWhenAllOfItIsArchivedAndAgainWhenSomethingCameLate() throws Exception {
        archive();
        audit(false);
        RequestFacts late = LandedSegments.facts(3);
        segments.publish(LandedSegments.build(
                LandedSegments.stream("edge-late", 0), 1, 1, Collections.nCopies(9, late), START * 1_000_000, 1));
        rollup();

        AuditResult waits = audit(false);
        archive();
        AuditResult again = audit(false);

        assertThat(waits.hours()).isZero();
        assertThat(again.hours()).isEqualTo(1);
        assertThat(again.differences()).as("seed " + seed).isEmpty();
    }

    @Test
    void rejectedRecordsAreArchivedAndNotCounted() throws Exception {
        long tomorrow = NOW.plusSeconds(25 * 3600).toEpochMilli() * 1000;
        segments.publish(LandedSegments.build(
                LandedSegments.stream("edge-ahead", 0), 1, 1, List.of(LandedSegments.facts(3)), tomorrow, 1));
        segments.publish(LandedSegments.build(
                LandedSegments.stream("edge-ahead", 0), 2, 2, List.of(LandedSegments.facts(3)), 1, 1));
        rollup();
        ArchiveResult result = archive();

        assertThat(result.records()).isEqualTo(2002);
        assertThat(audit(false).differences()).as("seed " + seed).isEmpty();
        assertThat(archive.resolve("hour=unknown")).isDirectory();
    }

    @Test
    void anHourIsAuditedAgainOnceRejectsOfItCount() throws Exception {
        Instant tomorrow = NOW.plusSeconds(25 * 3600);
        Seal ahead = segments.publishCounted(LandedSegments.build(
                        LandedSegments.stream("edge-ahead", 0),
                        1,
                        1,
                        List.of(LandedSegments.facts(3)),
                        tomorrow.toEpochMilli() * 1000,
                        1))
                .seal();
        rollup();
        archive();
        audit(false);
        assertThat(audit(false).hours()).isZero();
        assertThat(new RepairStore(database.jdbi())
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

        rollup(tomorrow);
        AuditResult again = audit(false);

        assertThat(database.usage()).as("seed " + seed).isEqualTo(segments.expected());
        assertThat(again.hours()).isEqualTo(1);
        assertThat(again.records()).isEqualTo(1);
        assertThat(again.differences()).isEmpty();
    }

    @Test
    void aBitThatFlippedInTheArchiveIsNoticed() throws Exception {
        archive();
        Path file;
        try (Stream<Path> files = Files.walk(archive)) {
            file = files.filter(each -> each.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow();
        }
        String last = duckdb(
                        "select coalesce(nullif(dictionary_page_offset, 0), data_page_offset) + total_compressed_size - 1"
                                + " from parquet_metadata('" + file + "') where path_in_schema = 'bytes_out'")
                .get(0);
        byte[] bytes = Files.readAllBytes(file);
        bytes[Integer.parseInt(last)] ^= 4;
        Files.write(file, bytes);
        Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));

        assertThatThrownBy(() -> audit(true)).hasStackTraceContaining("CRC");
    }

    @Test
    void aRunThatDiedBeforeItsCommitLeavesNothingAndOneThatDiedAfterItIsFinished() throws Exception {
        Path pending = archive.resolve("_pending/1/hour=2026-11-01T09");
        Files.createDirectories(pending);
        Files.writeString(pending.resolve("part-half.parquet"), "half");
        ArchiveResult first = archive();
        assertThat(first.records()).isEqualTo(2000);
        assertThat(duckdb("select count(*) from " + parquet())).containsExactly("2000");

        // As it was between the commit and the moves.
        try (Stream<Path> files = Files.walk(archive)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".parquet")).toList()) {
                String to = database.jdbi()
                        .withHandle(
                                handle -> handle.createQuery("select pending_path from archive_file where path = :path")
                                        .bind("path", archive.relativize(file).toString())
                                        .mapTo(String.class)
                                        .one());
                Files.createDirectories(archive.resolve(to).getParent());
                Files.move(file, archive.resolve(to));
                break;
            }
        }
        database.jdbi().useHandle(handle -> handle.execute("update archive set published_at = null"));
        assertThat(audit(false).hours()).as("not published").isZero();
        assertThat(archive().archives()).isZero();
        assertThat(duckdb("select count(*) from " + parquet())).containsExactly("2000");
        assertThat(audit(false).differences()).isEmpty();
    }

    @Test
    void twoRunsAtOnceArchiveOnce() throws Exception {
        Thread other = new Thread(this::archive);
        other.start();
        archive();
        other.join();

        assertThat(duckdb("select count(*), count(distinct (edge, stream, seq)) from " + parquet()))
                .containsExactly("2000 2000");
    }

    @Test
    void onlyWhatIsArchivedAuditedAndOldGoesFromTheLanding() throws Exception {
        Instant later = NOW.plus(Duration.ofDays(31));
        assertThat(retain(later)).as("not archived").isZero();
        archive();
        assertThat(retain(later)).as("not audited").isZero();
        database.jdbi()
                .useHandle(handle -> handle.execute("update usage_hourly set units = units + 1 where key_id = 1"));
        audit(false);
        assertThat(retain(later)).as("audited with differences").isZero();
        database.jdbi()
                .useHandle(handle -> handle.execute("update usage_hourly set units = units - 1 where key_id = 1"));
        audit(false);
        assertThat(retain(NOW.plus(Duration.ofDays(29)))).as("too young").isZero();

        assertThat(retain(later)).isEqualTo(10);
        try (Stream<Path> files = Files.walk(landing)) {
            assertThat(files.filter(Files::isRegularFile).map(each -> String.valueOf(each.getFileName())))
                    .containsExactly("database");
        }
        assertThat(retain(later)).isZero();
        rollup();
        assertThat(audit(true).differences()).as("seed " + seed).isEmpty();
    }

    @Test
    void retentionThatWasKilledIsFinishedByTheNext() throws Exception {
        archive();
        audit(false);
        database.jdbi().useHandle(handle -> handle.execute("update ledger set deleting_at = now() where number = 1"));

        assertThat(retain(NOW)).as("decided before").isEqualTo(2);
        try (Stream<Path> files = Files.walk(landing)) {
            assertThat(files.filter(each -> each.toString().endsWith("/1.csv.zst")))
                    .isEmpty();
        }
    }

    @Test
    void anArchiveThatCannotBeWrittenIsTold() throws Exception {
        Files.writeString(archive, "in the way");

        assertThatThrownBy(this::archive)
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(4));
    }
}
