package io.counterfoil.edge.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.counterfoil.sql.OperatorException;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file with one JSON object a line; each line is a document, byte for byte, and one of its fields the key. */
final class NdjsonDocuments {
    private NdjsonDocuments() {}

    static void load(Path file, String key, DocumentFiles.Loading loading) {
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (!line.isBlank()) {
                    add(line, key, file + ":" + number, loading);
                }
            }
        } catch (IOException e) {
            throw OperatorException.input("dataset file " + file + " cannot be read as UTF-8 lines: " + e);
        }
    }

    private static void add(String line, String key, String where, DocumentFiles.Loading loading) {
        JsonNode json;
        try {
            json = Json.MAPPER.readTree(line);
        } catch (JsonProcessingException e) {
            loading.fault(where + ": is no JSON: " + e.getOriginalMessage());
            return;
        }
        JsonNode value = json.path(key);
        if (!json.isObject()
                || !value.isValueNode()
                || value.isNull()
                || value.asText().isEmpty()) {
            loading.fault(where + ": is no object with a text or number in '" + key + "'");
            return;
        }
        loading.add(value.asText(), line.getBytes(StandardCharsets.UTF_8), where);
    }
}
