package io.counterfoil.schedules.demo;

import io.counterfoil.sql.OperatorException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;

/**
 * Hourly usage as someone else counted it: a CSV with {@code hour_utc}, the key ({@code api_key}, {@code client} or {@code key}),
 * {@code requests}, {@code bytes}, {@code s4xx} and {@code s5xx}.
 */
final class Truth {
    private static final int SHOWN = 5;
    private static final int MONTH_LENGTH = "2016-02".length();

    private final SortedMap<String, String> rows;
    private final SortedMap<String, Long> successes;

    private Truth(SortedMap<String, String> rows, SortedMap<String, Long> successes) {
        this.rows = rows;
        this.successes = successes;
    }

    /** @throws OperatorException category INPUT where it is no such file */
    static Truth read(String name, InputStream csv) {
        SortedMap<String, String> rows = new TreeMap<>();
        SortedMap<String, Long> successes = new TreeMap<>();
        CSVFormat format = CSVFormat.RFC4180
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .get();
        try (InputStream in = name.endsWith(".gz") ? new GZIPInputStream(csv) : csv;
                CSVParser parser = format.parse(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            String key = parser.getHeaderNames().stream()
                    .filter(column -> column.matches("api_key|client|key"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("no column api_key, client or key"));
            for (CSVRecord row : parser) {
                rows.put(
                        row.get("hour_utc") + " " + row.get(key),
                        counts(row.get("requests"), row.get("bytes"), row.get("s4xx"), row.get("s5xx")));
                successes.merge(
                        row.get("hour_utc").substring(0, MONTH_LENGTH),
                        Long.parseLong(row.get("requests"))
                                - Long.parseLong(row.get("s4xx"))
                                - Long.parseLong(row.get("s5xx")),
                        Long::sum);
            }
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
            throw OperatorException.input("truth " + name + " cannot be read: " + e.getMessage()
                    + "; expected a CSV with hour_utc, api_key, requests, bytes, s4xx, s5xx");
        }
        return new Truth(rows, successes);
    }

    int size() {
        return rows.size();
    }

    /** Requests of a UTC month that are neither 4xx nor 5xx. */
    long successes(YearMonth month) {
        return successes.getOrDefault(month.toString(), 0L);
    }

    /** What differs, up to five rows of it; empty where usage equals the truth row for row. */
    List<String> differences(List<Map<String, String>> usage) {
        SortedMap<String, String> counted = new TreeMap<>();
        for (Map<String, String> row : usage) {
            long clientErrors = Long.parseLong(row.get("client_errors"))
                    + Long.parseLong(row.get("refused"))
                    + Long.parseLong(row.get("unauthorized"));
            counted.put(
                    row.get("hour") + " " + row.get("key"),
                    counts(
                            row.get("requests"),
                            row.get("bytes_out"),
                            Long.toString(clientErrors),
                            row.get("server_errors")));
        }
        TreeSet<String> names = new TreeSet<>(rows.keySet());
        names.addAll(counted.keySet());
        List<String> differences = new ArrayList<>();
        long more = 0;
        for (String name : names) {
            String expected = rows.getOrDefault(name, "no such row");
            String found = counted.getOrDefault(name, "no such row");
            if (!expected.equals(found) && differences.size() < SHOWN) {
                differences.add(name + ": truth " + expected + ", counted " + found);
            } else if (!expected.equals(found)) {
                more++;
            }
        }
        if (more > 0) {
            differences.add("and " + more + " rows more");
        }
        return differences;
    }

    private static String counts(String requests, String bytes, String clientErrors, String serverErrors) {
        return requests + " requests, " + bytes + " bytes, " + clientErrors + " 4xx, " + serverErrors + " 5xx";
    }
}
