package io.counterfoil.edge.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.sql.OperatorException;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A CSV file (RFC 4180) with a header; each row is a document, an object of its columns in their order. Every value is a JSON
 * string: what a column means is not guessed from how one row looks.
 */
final class CsvDocuments {
    private static final CSVFormat FORMAT = CSVFormat.RFC4180
            .builder()
            .setHeader()
            .setSkipHeaderRecord(true)
            .setIgnoreEmptyLines(true)
            .get();

    private CsvDocuments() {}

    static void load(Path file, String key, DocumentFiles.Loading loading) {
        try (CSVParser rows = CSVParser.parse(Files.newBufferedReader(file, StandardCharsets.UTF_8), FORMAT)) {
            List<String> columns = rows.getHeaderNames();
            if (!columns.contains(key)) {
                loading.fault(file + ":1: has no column '" + key + "', only " + String.join(", ", columns));
                return;
            }
            for (CSVRecord row : rows) {
                add(row, columns, key, file + ":" + rows.getCurrentLineNumber(), loading);
            }
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
            Throwable reason =
                    e instanceof UncheckedIOException && e.getCause() instanceof CSVException ? e.getCause() : e;
            throw OperatorException.input("dataset file " + file + " cannot be read as CSV: " + reason.getMessage());
        }
    }

    private static void add(
            CSVRecord row, List<String> columns, String key, String where, DocumentFiles.Loading loading) {
        if (!row.isConsistent() || row.get(key).isEmpty()) {
            loading.fault(where + ": has " + row.size() + " fields, expected " + columns.size() + " and a '" + key
                    + "' that is not empty");
            return;
        }
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        for (String column : columns) {
            document.put(column, row.get(column));
        }
        try {
            loading.add(row.get(key), Json.MAPPER.writeValueAsBytes(document), where);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts are always JSON", e);
        }
    }
}
