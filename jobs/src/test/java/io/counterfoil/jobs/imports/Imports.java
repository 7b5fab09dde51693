package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.Zstd;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Imports into a landing of its own, and what lies there then, read by Commons CSV. */
record Imports(Path landing, TestDatabase database, ImportSettings settings) {
    static Imports of(Path landing, String format, String keyFrom) {
        return of(landing, format, keyFrom, Optional.empty());
    }

    /** Callers that nobody knows get keys. */
    static Imports of(Path landing, String format, String keyFrom, Optional<Path> map) {
        return new Imports(
                landing, TestDatabase.fresh(), new ImportSettings(format, keyFrom, "shop", map, true, false, false));
    }

    ImportResult run(String log) {
        return run(new ByteArrayInputStream(log.getBytes(StandardCharsets.UTF_8)));
    }

    ImportResult run(InputStream log) {
        return new ImportJob(landing, database.jdbcUrl(), InstantSource.system(), lines -> {})
                .run(settings, "access.log", log);
    }

    /** All records that lie there, in order of stream, segment and line, by column. */
    List<Map<String, String>> records() throws IOException {
        Map<String, String> labels = labels();
        List<Map<String, String>> all = new ArrayList<>();
        FolderLanding folder = new FolderLanding(landing);
        for (StreamId stream : folder.streams()) {
            for (Seal seal : folder.sealsAfter(stream, 0, Integer.MAX_VALUE)) {
                String csv = new String(Zstd.decompress(folder.data(seal.id()).orElseThrow()), StandardCharsets.UTF_8);
                for (CSVRecord line : CSVParser.parse(csv.substring(csv.indexOf('\n') + 1), CSVFormat.DEFAULT)) {
                    all.add(byColumn(line, labels));
                }
            }
        }
        return all;
    }

    private static Map<String, String> byColumn(CSVRecord line, Map<String, String> labels) {
        List<String> columns = List.of(
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
                "path");
        Map<String, String> record = new HashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            record.put(columns.get(i), line.get(i));
        }
        record.put("key", labels.getOrDefault(line.get(2), "-"));
        return record;
    }

    /** Of each record these columns, with commas between. */
    List<String> records(String... columns) throws IOException {
        return records().stream()
                .map(record -> String.join(
                        ",", List.of(columns).stream().map(record::get).toList()))
                .toList();
    }

    /** What an hour, a key and so on add up to: requests and bytes out, by "hour,key". */
    Map<String, List<Long>> sums() throws IOException {
        Map<String, List<Long>> sums = new HashMap<>();
        for (Map<String, String> record : records()) {
            String hour = Instant.EPOCH
                    .plus(Long.parseLong(record.get("ts_us")), ChronoUnit.MICROS)
                    .truncatedTo(ChronoUnit.HOURS)
                    .toString();
            sums.merge(
                    hour + "," + record.get("key"),
                    List.of(1L, Long.parseLong(record.get("bytes_out"))),
                    (a, b) -> List.of(a.get(0) + b.get(0), a.get(1) + b.get(1)));
        }
        return sums;
    }

    Map<String, String> labels() {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("select key_id, label from api_key")
                        .map((row, context) -> Map.entry(row.getString("key_id"), row.getString("label")))
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    /** Why lines were no requests, in order. */
    List<String> reasons() throws IOException {
        List<String> reasons = new ArrayList<>();
        FolderLanding folder = new FolderLanding(landing);
        for (StreamId stream : folder.streams()) {
            for (Seal seal : folder.sealsAfter(stream, 0, Integer.MAX_VALUE)) {
                Optional<byte[]> rejects = folder.rejects(seal.id());
                if (rejects.isPresent()) {
                    String csv = new String(Zstd.decompress(rejects.get()), StandardCharsets.UTF_8);
                    CSVParser.parse(csv, CSVFormat.DEFAULT).forEach(line -> reasons.add(line.get(3)));
                }
            }
        }
        return reasons;
    }

    /** The name by which a key that may be a secret is shown. */
    static String label(String field, String key) {
        return field + "-" + KeyStore.hash(key).substring(0, 12);
    }
}
