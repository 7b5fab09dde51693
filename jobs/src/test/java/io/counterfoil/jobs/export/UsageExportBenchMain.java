package io.counterfoil.jobs.export;

import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.SqlFile;
import io.counterfoil.sql.export.UsageExportStore;
import io.counterfoil.sql.testing.TestDatabase;

import java.nio.file.Path;
import java.time.Instant;

/** The parts of jobs/bench/export. */
public final class UsageExportBenchMain {
    private static final UsageRange OCTOBER =
            new UsageRange(Instant.parse("2026-10-01T00:00:00Z"), Instant.parse("2026-11-01T00:00:00Z"));
    private static final int KEYS = 10_000;
    private static final int HOURS = 720;

    private UsageExportBenchMain() {}

    /** {@code postgres ROWS}, {@code export URL FORMAT FILE}, {@code query}. */
    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "postgres" -> postgres(Long.parseLong(arguments[1]));
            case "export" -> export(arguments[1], ExportFormat.named(arguments[2]), Path.of(arguments[3]));
            case "query" -> System.out.println(query());
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        System.exit(0);
    }

    /** A PostgreSQL with so many rows of usage in October 2026, until standard input ends. */
    private static void postgres(long rows) throws Exception {
        TestDatabase database = TestDatabase.fresh();
        database.jdbi().useHandle(handle -> {
            handle.execute(
                    "insert into account (name, external_id, created_at)"
                            + " select 'Customer number ' || i || ' Ltd', 'cus_' || md5(i::text), now() from generate_series(1, 1000) i");
            handle.execute("insert into api_key (account_id, label, label_sha256, created_at, version)"
                    + " select 1 + i % 1000, 'customer-' || i, sha256(('customer-' || i)::bytea), now(), 1"
                    + " from generate_series(1, " + KEYS + ") i order by i");
            handle.execute("select create_usage_partition('2026-10-01 00:00:00+00')");
            handle.execute("insert into usage_hourly"
                    + " (hour, key_id, route, outcome, requests, units, bytes_in, bytes_out, duration_us)"
                    + " select '2026-10-01 00:00:00+00'::timestamptz + h * interval '1 hour', k,"
                    + " (array['search.text', 'items', 'items.list', 'upload', 'export.nightly'])[1 + (k + r) % 5],"
                    + " case when (k * 7 + h + r) % 11 = 0 then 'client_error' else 'success' end,"
                    + " 1 + (k * 31 + h * 17 + r) % 977, 1 + (k * 31 + h * 17 + r) % 977, (k * 131 + h * 171) % 99991,"
                    + " ((k * 31 + h * 17 + r)::bigint * 1234567) % 999999937,"
                    + " ((k * 13 + h * 7 + r)::bigint * 34567) % 99999937"
                    + " from generate_series(0, " + (HOURS - 1) + ") h, generate_series(0, "
                    + ((rows + HOURS - 1) / HOURS - 1) + ") n,"
                    + " lateral (select 1 + (n * 7919 + h * 13) % " + KEYS + " as k, n / " + KEYS + " as r) x");
            handle.execute("vacuum analyze");
        });
        System.out.println(database.jdbcUrl());
        System.in.readAllBytes();
    }

    private static void export(String url, ExportFormat format, Path file) {
        new UsageExportJob(
                        new UsageExportStore(DatabaseAccess.jdbi(DatabaseAccess.dataSource(url))), "bench", 16L << 20)
                .write(OCTOBER, format, file, line -> System.err.println("export: " + line));
    }

    /** The export's own, as psql takes it: on one line, its parameters put in. */
    private static String query() {
        StringBuilder line = new StringBuilder();
        SqlFile.read("export/usage.sql")
                .lines()
                .filter(each -> !each.strip().startsWith("--"))
                .forEach(each -> line.append(each).append(' '));
        return line.toString()
                .replace("current_setting('counterfoil.export_from')", "'" + OCTOBER.from() + "'")
                .replace("current_setting('counterfoil.export_to')", "'" + OCTOBER.to() + "'")
                .replace(
                        "current_setting('counterfoil.export_formula')",
                        "'" + SpreadsheetText.FORMULA.replace("'", "''") + "'");
    }
}
