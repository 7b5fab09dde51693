package io.counterfoil.jobs.archive;

import io.counterfoil.jobs.rollup.LandedSegments;
import io.counterfoil.jobs.rollup.RollupJob;
import io.counterfoil.jobs.rollup.SparkForTests;
import io.counterfoil.sql.testing.TestDatabase;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Two edges' counted segments, 1,000 records each, with a landing, a database and a place for the archive. */
final class CountedSegments {
    static final Instant NOW = Instant.parse("2026-11-01T12:30:00Z");
    static final long START = NOW.getEpochSecond() - 3 * 3600;

    private final long seed = System.nanoTime();
    private final Path landing;
    private final Path archive;
    private final TestDatabase database;
    private final LandedSegments segments;

    CountedSegments(Path folder) throws Exception {
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

    String seed() {
        return "seed " + seed;
    }

    LandedSegments segments() {
        return segments;
    }

    TestDatabase database() {
        return database;
    }

    Path landing() {
        return landing;
    }

    Path archiveFolder() {
        return archive;
    }

    void rollup() {
        rollup(NOW);
    }

    void rollup(Instant now) {
        new RollupJob(SparkForTests.session(), landing.toString(), database.jdbcUrl(), InstantSource.fixed(now)).run();
    }

    ArchiveResult archive() {
        return new ArchiveJob(
                        SparkForTests.session(),
                        landing.toString(),
                        archive.toString(),
                        database.jdbcUrl(),
                        InstantSource.fixed(NOW))
                .run(soFar -> {});
    }

    AuditResult audit(boolean all) {
        return new AuditJob(SparkForTests.session(), archive.toString(), database.jdbcUrl(), InstantSource.fixed(NOW))
                .run(Optional.empty(), Optional.empty(), all);
    }

    long retain(Instant now) {
        return new RetainJob(
                        SparkForTests.session().sessionState().newHadoopConf(),
                        landing.toString(),
                        database.jdbcUrl(),
                        InstantSource.fixed(now))
                .run(Duration.ofDays(30));
    }

    /** Rows of a query, their values with blanks between: by who shares no code with us. */
    static List<String> duckdb(String sql) throws Exception {
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

    /** All of the archive, as a table of DuckDB's. */
    String parquet() {
        return "read_parquet('" + archiveFolder()
                + "/*/*.parquet', hive_partitioning = true, hive_types_autocast = false)";
    }
}
