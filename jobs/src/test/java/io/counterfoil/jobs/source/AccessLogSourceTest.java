package io.counterfoil.jobs.source;

import io.counterfoil.accesslog.landing.Zstd;
import io.counterfoil.jobs.rollup.LandedSegments;
import io.counterfoil.jobs.rollup.SparkForTests;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.datasources.v2.BatchScanExec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The table against what Commons CSV reads of the same files, and against plain SQL over the columns of the line. */
final class AccessLogSourceTest {
    private static final long START = 1_793_534_400L;

    @TempDir
    Path folder;

    private final long seed = System.nanoTime();
    private final SparkSession spark = SparkForTests.session();
    private LandedSegments segments;

    @BeforeEach
    void landSegments() throws Exception {
        segments = new LandedSegments(folder, seed, START);
        for (int stream = 0; stream < 2; stream++) {
            for (int number = 1; number <= 3; number++) {
                segments.publish(segments.random(
                        LandedSegments.stream("edge-" + stream, stream), number, 100L * number - 99, 100));
            }
        }
    }

    private Dataset<Row> log() {
        return spark.read().format("access-log").load(folder.toString());
    }

    @Test
    void everyColumnOfEveryLineIsAsCommonsCsvReadsIt() throws Exception {
        List<String> expected = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".csv.zst")).toList()) {
                String csv = new String(Zstd.decompress(Files.readAllBytes(file)), StandardCharsets.UTF_8);
                Path name = folder.resolve("segments").relativize(file);
                String place = name.getName(0) + "," + name.getName(1) + "," + name.getName(2) + ","
                        + String.valueOf(name.getFileName()).replace(".csv.zst", "");
                try (CSVParser parser =
                        CSVFormat.DEFAULT.parse(new StringReader(csv.substring(csv.indexOf('\n') + 1)))) {
                    for (CSVRecord line : parser) {
                        expected.add(String.join(",", line.toList()) + "," + place);
                    }
                }
            }
        }
        List<String> rows = new ArrayList<>();
        for (Row row : log().drop("hour", "outcome").collectAsList()) {
            List<String> cells = new ArrayList<>();
            for (int i = 0; i < row.size(); i++) {
                cells.add(String.valueOf(row.get(i)));
            }
            rows.add(String.join(",", cells));
        }
        Collections.sort(expected);
        Collections.sort(rows);
        assertThat(rows).as("seed " + seed).hasSize(600).isEqualTo(expected);
    }

    @Test
    void hourAndOutcomeFollowFromTheLine() {
        Dataset<Row> wrong = log().where(
                        "hour <> timestamp_micros(ts_us - ts_us % 3600000000) or outcome <> case when decision in"
                                + " ('refused', 'unauthorized') then decision when status < 400 then 'success' when status < 500 then"
                                + " 'client_error' else 'server_error' end");

        assertThat(wrong.count()).as("seed " + seed).isZero();
    }

    @Test
    void onlyColumnsThatAreAskedForAreRead() {
        Dataset<Row> units = log().groupBy("key_id").sum("units");

        assertThat(scan(units).readSchema().fieldNames()).containsExactly("key_id", "units");
    }

    @Test
    void segmentsOfOtherTimesAreNotRead() throws Exception {
        segments.publish(LandedSegments.build(
                LandedSegments.stream("edge-late", 0),
                1,
                1,
                Collections.nCopies(5, LandedSegments.facts(7)),
                (START + 86_400) * 1_000_000,
                1));
        Dataset<Row> late = log().where("hour = timestamp_seconds(" + (START + 86_400) + ")");
        Dataset<Row> byMicros = log().where("ts_us >= " + (START + 86_400) * 1_000_000 + " and key_id = 7");
        Dataset<Row> none = log().where("hour < timestamp'2020-01-01 00:00:00Z'");

        assertThat(late.count()).isEqualTo(5);
        assertThat(scan(late).segments()).isEqualTo(1);
        assertThat(byMicros.count()).isEqualTo(5);
        assertThat(scan(byMicros).segments()).isEqualTo(1);
        assertThat(none.count()).isZero();
        assertThat(scan(log()).segments()).isEqualTo(7);
    }

    @Test
    void namedSegmentsAreReadAlone() {
        String epoch = LandedSegments.stream("edge-1", 1).epoch().toString();
        Dataset<Row> named = spark.read()
                .format("access-log")
                .option("segments", "edge-1/" + epoch + "/1/2\nedge-0/" + epoch + "/0/3")
                .load(folder.toString());

        assertThat(named.selectExpr("edge || segment as s").distinct().orderBy("s").collectAsList().stream()
                        .map(row -> row.getString(0)))
                .containsExactly("edge-03", "edge-12");
        assertThat(named.count()).isEqualTo(200);
    }

    @Test
    void aChangedSegmentFailsTheQueryAndIsNamed() throws Exception {
        Path data;
        try (Stream<Path> files = Files.walk(folder)) {
            data = files.filter(file -> file.endsWith("2.csv.zst")).findFirst().orElseThrow();
        }
        byte[] csv = Zstd.decompress(Files.readAllBytes(data));
        csv[csv.length / 2] ^= 1;
        Files.write(data, Zstd.compress(csv));

        assertThatThrownBy(() -> log().count()).hasStackTraceContaining("/2 is corrupt, nothing of it was read");
    }

    private static AccessLogScan scan(Dataset<Row> query) {
        return (AccessLogScan)
                scala.jdk.javaapi.CollectionConverters.asJava(
                                query.queryExecution().sparkPlan().collectLeaves())
                        .stream()
                        .map(leaf -> ((BatchScanExec) leaf).scan())
                        .findFirst()
                        .orElseThrow();
    }

    @Test
    void withoutALandingItSaysWhatIsExpected() {
        assertThatThrownBy(() -> spark.read().format("access-log").load().count())
                .hasMessageContaining("no landing is named");
        assertThat(Arrays.asList(log().columns()))
                .startsWith("seq", "ts_us", "key_id")
                .endsWith("hour", "outcome");
    }
}
