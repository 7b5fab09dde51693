package io.counterfoil.edge.dataset;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.sql.OperatorException;
import io.vertx.core.buffer.Buffer;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A folder of {@code <key>.json} files; what is in it at the start is what is served. */
public final class DatasetFolder {
    private static final String SUFFIX = ".json";
    private static final ObjectMapper MAPPER = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    private DatasetFolder() {}

    /**
     * Loads every document and checks that it is JSON. Hidden files and files of other names are left alone.
     *
     * @throws OperatorException category INPUT naming every file that is no JSON, or where the folder cannot be read
     */
    public static Dataset load(Path folder) {
        Map<String, Buffer> documents = new HashMap<>();
        List<String> faults = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                if (name.length() == SUFFIX.length() || name.startsWith(".") || !Files.isRegularFile(file)) {
                    continue;
                }
                byte[] json = Files.readAllBytes(file);
                check(file, json, faults);
                documents.put(name.substring(0, name.length() - SUFFIX.length()), Buffer.buffer(json));
            }
        } catch (IOException e) {
            throw OperatorException.input("dataset folder " + folder + " cannot be read: " + e.getMessage());
        }
        if (!faults.isEmpty()) {
            Collections.sort(faults);
            throw OperatorException.input(
                    String.join("\n", faults) + "\nmend or remove what is no JSON and start again");
        }
        return new Dataset(documents);
    }

    private static void check(Path file, byte[] json, List<String> faults) throws IOException {
        try {
            if (MAPPER.readTree(json).isMissingNode()) {
                faults.add(file + ": is empty, expected one JSON document");
            }
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            faults.add(file + ":" + line + ": is no JSON: " + e.getOriginalMessage());
        }
    }
}
