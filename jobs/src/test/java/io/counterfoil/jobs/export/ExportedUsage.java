package io.counterfoil.jobs.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.sql.testing.TestDatabase;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;

/** Rows of usage as others read them: of the database by SQL, of files by Commons CSV, Jackson and DuckDB. Each a list of texts. */
final class ExportedUsage {
    private static final List<String> NAMES = List.of(
            "hour",
            "account",
            "account_external_id",
            "key",
            "route",
            "outcome",
            "requests",
            "units",
            "bytes_in",
            "bytes_out",
            "duration_us");

    private ExportedUsage() {}

    /** By another way than the export's: the names are looked up by subqueries. No external id is an empty text. */
    static List<List<String>> counted(TestDatabase database) {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery(
                                "select to_char(hour at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:00:00\"Z\"') as hour,"
                                        + " coalesce((select name from account where account_id ="
                                        + " (select account_id from api_key k where k.key_id = u.key_id)), '-') as account,"
                                        + " (select external_id from account where account_id ="
                                        + " (select account_id from api_key k where k.key_id = u.key_id)) as account_external_id,"
                                        + " coalesce((select label from api_key k where k.key_id = u.key_id),"
                                        + " case key_id when 0 then '-' else '#' || key_id end) as key, route, outcome,"
                                        + " requests, units, bytes_in, bytes_out, duration_us"
                                        + " from usage_hourly u order by hour, key_id, route, outcome")
                        .map((row, context) -> {
                            List<String> values = new ArrayList<>();
                            for (String name : NAMES) {
                                values.add(row.getString(name) == null ? "" : row.getString(name));
                            }
                            return List.copyOf(values);
                        })
                        .list());
    }

    static List<List<String>> csv(Path file) throws Exception {
        CSVFormat format = CSVFormat.RFC4180
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .get();
        try (CSVParser parser = CSVParser.parse(file, StandardCharsets.UTF_8, format)) {
            if (!parser.getHeaderNames().equals(NAMES)) {
                throw new AssertionError("columns are " + parser.getHeaderNames());
            }
            return parser.stream().map(record -> List.copyOf(record.toList())).toList();
        }
    }

    static List<List<String>> jsonLines(Path file) throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        List<List<String>> rows = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            JsonNode node = mapper.readTree(line);
            List<String> fields = new ArrayList<>();
            node.fieldNames().forEachRemaining(fields::add);
            if (!fields.equals(NAMES) || !node.get("requests").isIntegralNumber()) {
                throw new AssertionError(line);
            }
            rows.add(NAMES.stream()
                    .map(name -> node.get(name).isNull() ? "" : node.get(name).asText())
                    .toList());
        }
        return rows;
    }

    static List<List<String>> parquet(Path file) throws Exception {
        try (var connection = DriverManager.getConnection("jdbc:duckdb:");
                var statement = connection.createStatement()) {
            statement.execute("set timezone = 'UTC'");
            var result = statement.executeQuery("select strftime(hour at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ'),"
                    + " account, coalesce(account_external_id, ''), key, route, outcome, requests, units, bytes_in, bytes_out,"
                    + " duration_us from read_parquet('" + file + "')");
            List<List<String>> rows = new ArrayList<>();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= NAMES.size(); i++) {
                    row.add(result.getString(i));
                }
                rows.add(row);
            }
            return rows;
        }
    }

    /** How DuckDB describes the columns. */
    static String parquetTypes(Path file) throws Exception {
        try (var connection = DriverManager.getConnection("jdbc:duckdb:");
                var statement = connection.createStatement();
                var result = statement.executeQuery("describe select * from read_parquet('" + file + "')")) {
            StringBuilder types = new StringBuilder();
            while (result.next()) {
                types.append(result.getString(2)).append(' ');
            }
            return types.toString().strip();
        }
    }
}
