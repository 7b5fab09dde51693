package io.counterfoil.jobs.rollup;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.Zstd;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.jobs.landing.LandingPlace;
import io.counterfoil.jobs.spark.LocalSpark;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** The parts of jobs/bench/rollup that run on a JVM: segments by seed, and the same sums by the rollup, by DuckDB, by stock Spark. */
public final class RollupBenchMain {
    private static final String GROUPED =
            "select ts_us div 3600000000 as hour, key_id, route, case when decision in ('refused',"
                    + " 'unauthorized') then decision when status < 400 then 'success' when status < 500 then 'client_error' else"
                    + " 'server_error' end as outcome, count(*) as requests, sum(units) as units, sum(bytes_in) as bytes_in,"
                    + " sum(bytes_out) as bytes_out, sum(duration_us) as duration_us from %s group by all";
    private static final String TYPES =
            "seq bigint, ts_us bigint, key_id bigint, route string, method string, status int,"
                    + " bytes_in bigint, bytes_out bigint, duration_us bigint, units bigint, decision string, request_id string,"
                    + " client string, path string, crc string";

    private RollupBenchMain() {}

    /** {@code generate FOLDER SEGMENTS RECORDS SEED}, {@code ours|duckdb|spark FOLDER RUNS}, {@code duckdb-copy FOLDER URL}, {@code postgres}. */
    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("postgres")) {
            postgres();
        }
        Path folder = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "duckdb-copy" -> duckdbCopy(folder, arguments[2]);
            case "generate" -> generate(folder, arguments);
            case "ours" -> ours(folder, Integer.parseInt(arguments[2]));
            case "duckdb" -> duckdb(folder, Integer.parseInt(arguments[2]));
            case "spark" -> stockSpark(folder, Integer.parseInt(arguments[2]));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void generate(Path folder, String[] arguments) throws Exception {
        int segments = Integer.parseInt(arguments[2]);
        int records = Integer.parseInt(arguments[3]);
        long seed = Long.parseLong(arguments[4]);
        new BenchSegments(seed)
                .publish(
                        folder,
                        "edge-bench",
                        segments,
                        records,
                        Instant.parse("2026-10-31T00:00:00Z").toEpochMilli() * 1000,
                        1);
    }

    @FunctionalInterface
    private interface Run {
        long groups() throws Exception;
    }

    private static void time(String name, int runs, Run run) throws Exception {
        List<Double> seconds = new ArrayList<>();
        long groups = 0;
        for (int i = 0; i < runs; i++) {
            long begin = System.nanoTime();
            groups = run.groups();
            seconds.add((System.nanoTime() - begin) / 1e9);
        }
        System.out.println(name + " groups=" + groups + " seconds="
                + seconds.stream()
                        .map(each -> String.format(Locale.ROOT, "%.2f", each))
                        .toList() + " peak_kib=" + peak());
    }

    private static String peak() throws Exception {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM"))
                .map(line -> line.replaceAll("\\D", ""))
                .findFirst()
                .orElse("");
    }

    private static void ours(Path folder, int runs) throws Exception {
        try (LocalSpark spark = LocalSpark.start(Files.createTempDirectory("bench-spark"))) {
            List<Seal> seals = new ArrayList<>();
            FolderLanding landing = new FolderLanding(folder);
            for (StreamId stream : landing.streams()) {
                seals.addAll(landing.sealsAfter(stream, 0, Integer.MAX_VALUE));
            }
            RollupPlan plan = new RollupPlan(seals, List.of());
            StagingTasks tasks = new StagingTasks(
                    LandingPlace.of(folder.toString(), spark.session()), "", 0, Long.MAX_VALUE, Set.of());
            JavaSparkContext context =
                    JavaSparkContext.fromSparkContext(spark.session().sparkContext());
            time("ours", runs, () -> tasks.groups(context, plan));
        }
    }

    private static void duckdb(Path folder, int runs) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("set threads = 2");
            String sql = "select count(*), sum(requests) from ("
                    + GROUPED.formatted(lines(folder)).replace(" div ", " // ") + ")";
            time("duckdb", runs, () -> {
                try (ResultSet rows = statement.executeQuery(sql)) {
                    rows.next();
                    return rows.getLong(1);
                }
            });
        }
    }

    /** The landing's lines, for DuckDB. */
    static String lines(Path folder) {
        String columns = Arrays.stream(TYPES.split(", ", -1))
                .map(column -> "'" + column.replace(" ", "': '").replace("string", "varchar") + "'")
                .reduce((one, other) -> one + ", " + other)
                .orElseThrow();
        return "read_csv('" + folder + "/segments/*/*/*/*/*.csv.zst', header = false, skip = 1, columns = {" + columns
                + "}, compression = 'zstd')";
    }

    /** Sums by DuckDB, as CSV, copied into a table as usage_hourly is: what one does who needs no proof. */
    private static void duckdbCopy(Path folder, String url) throws Exception {
        Path csv = Files.createTempFile("duckdb", ".csv");
        long begin = System.nanoTime();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("set threads = 2");
            statement.execute("copy (" + GROUPED.formatted(lines(folder)).replace(" div ", " // ") + ") to '" + csv
                    + "' (format csv, header false)");
        }
        try (Connection connection =
                        io.counterfoil.sql.DatabaseAccess.dataSource(url).getConnection();
                Statement statement = connection.createStatement();
                java.io.Reader reader = Files.newBufferedReader(csv)) {
            statement.execute(
                    "create table duckdb_usage (hour bigint, key_id bigint, route text, outcome text, requests bigint,"
                            + " units bigint, bytes_in bigint, bytes_out bigint, duration_us bigint,"
                            + " primary key (hour, key_id, route, outcome))");
            connection
                    .unwrap(org.postgresql.PGConnection.class)
                    .getCopyAPI()
                    .copyIn("copy duckdb_usage from stdin (format csv)", reader);
        }
        System.out.println("duckdb-copy " + String.format(Locale.ROOT, "%.2f", (System.nanoTime() - begin) / 1e9));
    }

    /** A migrated PostgreSQL until standard input ends. */
    private static void postgres() throws Exception {
        System.out.println(io.counterfoil.sql.testing.TestDatabase.fresh().jdbcUrl());
        System.in.readAllBytes();
        System.exit(0);
    }

    /** It cannot read zstd without Hadoop's native library: it gets the lines uncompressed, which is to its advantage. */
    private static void stockSpark(Path folder, int runs) throws Exception {
        Path plain = folder.resolveSibling(folder.getFileName() + "-plain");
        if (!Files.exists(plain)) {
            Files.createDirectories(plain);
            try (Stream<Path> files = Files.walk(folder)) {
                int number = 0;
                for (Path file : files.filter(each -> each.toString().endsWith(".csv.zst"))
                        .sorted()
                        .toList()) {
                    Files.write(plain.resolve(++number + ".csv"), Zstd.decompress(Files.readAllBytes(file)));
                }
            }
        }
        try (LocalSpark local = LocalSpark.start(Files.createTempDirectory("bench-spark"))) {
            SparkSession spark = local.session();
            time("spark", runs, () -> {
                spark.read()
                        .schema(TYPES)
                        .option("comment", "#")
                        .csv(plain.toString())
                        .createOrReplaceTempView("lines");
                return spark.sql(GROUPED.formatted("lines")).count();
            });
        }
    }
}
