package io.counterfoil.jobs.faults;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What segments' lines add up to, as DuckDB counts them: it shares with the rollup neither parser, nor hours, nor outcomes. */
final class LineOracle {
    private static final String COLUMNS = List.of(
                    "seq",
                    "ts_us",
                    "key_id",
                    "route",
                    "method",
                    "status",
                    "bytes_in",
                    "bytes_out",
                    "duration_us",
                    "units",
                    "decision",
                    "request_id",
                    "client",
                    "path",
                    "crc")
            .stream()
            .map(name -> "'" + name + "': 'varchar'")
            .collect(Collectors.joining(", "));

    private static final String USAGE = """
            select (ts_us::bigint // 3600000000 * 3600) || ' ' || key_id || ' ' || route || ' ' ||
              case
                when decision in ('refused', 'unauthorized') then decision
                when status::int < 400 then 'success'
                when status::int < 500 then 'client_error'
                else 'server_error'
              end as name,
              count(*), sum(units::bigint)::bigint, sum(bytes_in::bigint)::bigint, sum(bytes_out::bigint)::bigint,
              sum(duration_us::bigint)::bigint
            from read_csv([%s], auto_detect = false, header = false, skip = 1, delim = ',', quote = '', escape = '',
              compression = 'zstd', columns = {%s})
            group by name
            """;

    private LineOracle() {}

    /** As {@link io.counterfoil.sql.testing.TestDatabase#usage()}, of these {@code .csv.zst} files. */
    static SortedMap<String, List<Long>> usage(Collection<Path> segments) throws SQLException {
        String files = segments.stream().map(file -> "'" + file + "'").collect(Collectors.joining(", "));
        SortedMap<String, List<Long>> usage = new TreeMap<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(USAGE.formatted(files, COLUMNS))) {
            while (row.next()) {
                usage.put(
                        row.getString(1),
                        List.of(row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5), row.getLong(6)));
            }
        }
        return usage;
    }
}
