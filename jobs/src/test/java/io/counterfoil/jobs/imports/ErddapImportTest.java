package io.counterfoil.jobs.imports;

import io.counterfoil.jobs.rollup.RollupJob;
import io.counterfoil.jobs.rollup.RollupResult;
import io.counterfoil.jobs.rollup.SparkForTests;
import io.counterfoil.sql.report.Report;
import io.counterfoil.sql.testing.TestDatabase;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

import static org.assertj.core.api.Assertions.assertThat;

/** The whole way of a real log with malformed lines, held against counts that other tools made. */
final class ErddapImportTest {
    private static final ImportSettings SETTINGS =
            new ImportSettings("combined", "address", "erddap", Optional.empty(), true, false, false);

    @TempDir
    Path folder;

    private TestDatabase database;

    @BeforeEach
    void freshDatabase() {
        database = TestDatabase.fresh();
    }

    @Test
    void usageEqualsTheTruthAndEveryOtherLineIsARejectWithItsPlace() throws IOException {
        ImportResult imported = importBytes(log());
        rollup();

        assertThat(imported.requests()).isEqualTo(10_479);
        assertThat(imported.rejects()).isEqualTo(5_796);
        assertThat(usage()).isEqualTo(truth());
        assertThat(rejectedLines()).isEqualTo(malformedLines());
        assertThat(rejectedTexts()).isEqualTo(malformed(1));
    }

    @Test
    void importingTwiceChangesNothing() throws IOException {
        importBytes(log());
        rollup();
        ImportResult again = importBytes(log());
        RollupResult rolled = rollup();

        assertThat(again.requests() + again.rejects()).isZero();
        assertThat(again.importedBefore()).isEqualTo(log().length);
        assertThat(rolled.segments()).isZero();
        assertThat(usage()).isEqualTo(truth());
    }

    @Test
    void firstHalfThenTheWholeEqualsTheWhole() throws IOException {
        byte[] log = log();
        ImportResult half = importBytes(Arrays.copyOf(log, log.length / 2));
        rollup();
        ImportResult rest = importBytes(log);
        rollup();

        assertThat(half.unterminated()).isPositive();
        assertThat(half.requests() + rest.requests()).isEqualTo(10_479);
        assertThat(usage()).isEqualTo(truth());
        assertThat(rejectedLines()).isEqualTo(malformedLines());
    }

    @Test
    void aFileThatGrowsByTheLineIsCountedOnce() throws IOException {
        byte[] log = Arrays.copyOf(log(), 40_000);
        int lines = 0;
        for (int length = 0; length < log.length; length += 1777) {
            importBytes(Arrays.copyOf(log, length));
        }
        ImportResult rest = importBytes(log);
        rollup();
        for (byte b : log) {
            lines += b == '\n' ? 1 : 0;
        }

        assertThat(rest.importedBefore()).isPositive();
        long counted =
                usage().stream().mapToLong(row -> Long.parseLong(row.get(2))).sum();
        assertThat(counted + rejectedLines().size()).isEqualTo(lines);
    }

    private ImportResult importBytes(byte[] log) {
        ImportJob job = new ImportJob(folder, database.jdbcUrl(), InstantSource.system(), lines -> {});
        return job.run(SETTINGS, "erddap.log", new ByteArrayInputStream(log));
    }

    private RollupResult rollup() {
        return new RollupJob(SparkForTests.session(), folder.toString(), database.jdbcUrl(), InstantSource.system())
                .run();
    }

    /** hour, client, requests, bytes, 4xx, 5xx. */
    private List<List<String>> usage() {
        List<List<String>> rows = new ArrayList<>();
        for (Map<String, String> row : Report.named("usage-hourly").list(database.jdbi(), Map.of())) {
            rows.add(List.of(
                    row.get("hour"),
                    row.get("key"),
                    row.get("requests"),
                    row.get("bytes_out"),
                    row.get("client_errors"),
                    row.get("server_errors")));
        }
        return rows;
    }

    private static List<List<String>> truth() throws IOException {
        List<List<String>> rows = new ArrayList<>();
        try (InputStreamReader reader =
                new InputStreamReader(gunzip("erddap-2024.truth.csv.gz"), StandardCharsets.UTF_8)) {
            for (CSVRecord row : CSVFormat.DEFAULT
                    .builder()
                    .setHeader()
                    .setSkipHeaderRecord(true)
                    .get()
                    .parse(reader)) {
                rows.add(List.of(
                        row.get("hour_utc"),
                        row.get("client"),
                        row.get("requests"),
                        row.get("bytes"),
                        row.get("s4xx"),
                        row.get("s5xx")));
            }
        }
        return rows;
    }

    private List<Long> rejectedLines() {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("select line from reject order by line")
                        .mapTo(Long.class)
                        .list());
    }

    /** What stands in the log where each reject says that its line is. */
    private List<String> rejectedTexts() throws IOException {
        byte[] log = log();
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("select byte_position, bytes from reject order by line")
                        .map((row, context) -> new String(
                                log,
                                (int) row.getLong("byte_position"),
                                (int) row.getLong("bytes") - 1,
                                StandardCharsets.UTF_8))
                        .list());
    }

    private static List<Long> malformedLines() throws IOException {
        return malformed(0).stream().map(Long::parseLong).toList();
    }

    /** Line numbers (0) or texts (1). */
    private static List<String> malformed(int column) throws IOException {
        try (InputStream in = gunzip("erddap-2024.malformed.txt.gz")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split("\t", 2)[column])
                    .toList();
        }
    }

    private static byte[] log() throws IOException {
        try (InputStream in = gunzip("erddap-2024.log.gz")) {
            return in.readAllBytes();
        }
    }

    private static InputStream gunzip(String name) throws IOException {
        return new GZIPInputStream(Files.newInputStream(Path.of("src/test/resources/logs/erddap-2024", name)));
    }
}
