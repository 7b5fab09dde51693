package io.counterfoil.edge.dataset;

import io.counterfoil.sql.OperatorException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where documents lie: a folder of {@code <key>.json} files, or one {@code .ndjson} or {@code .csv} file with a key column. */
public final class DocumentFiles {
    private static final int MAX_FAULTS = 20;

    private DocumentFiles() {}

    /**
     * Loads every document and checks it.
     *
     * @param key the column that holds the key, where the path is a file
     * @throws OperatorException category INPUT naming every file or line that is no document, or where the path cannot be read
     */
    public static Dataset<Document> load(Path path, Optional<String> key) {
        Loading loading = new Loading();
        if (key.isEmpty()) {
            DocumentFolder.load(path, loading);
        } else if (String.valueOf(path.getFileName()).endsWith(".csv")) {
            CsvDocuments.load(path, key.get(), loading);
        } else {
            NdjsonDocuments.load(path, key.get(), loading);
        }
        return loading.finish();
    }

    /**
     * How the path looks from outside: changes when a file of it is written, added, removed or replaced. Reads no content.
     *
     * @throws OperatorException category INPUT where the path cannot be read
     */
    static long fingerprint(Path path) {
        return Files.isDirectory(path) ? DocumentFolder.fingerprint(path) : Fingerprint.of(path);
    }

    /** Documents and faults, as they are found. */
    static final class Loading {
        private final Map<String, Document> documents = new HashMap<>();
        private final List<String> faults = new ArrayList<>();
        private int more;

        void add(String key, byte[] json, String where) {
            if (documents.putIfAbsent(key, Document.of(json)) != null) {
                fault(where + ": key '" + key + "' is there twice, expected once");
            }
        }

        void fault(String text) {
            if (faults.size() < MAX_FAULTS) {
                faults.add(text);
            } else {
                more++;
            }
        }

        private Dataset<Document> finish() {
            if (!faults.isEmpty()) {
                Collections.sort(faults);
                throw OperatorException.input(String.join("\n", faults) + (more > 0 ? "\nand " + more + " more" : "")
                        + "\nmend or remove what is no document");
            }
            return new Dataset<>(documents);
        }
    }
}
