package io.counterfoil.edge.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder of {@code <key>.json} files. Hidden files and files of other names are left alone. */
final class DocumentFolder {
    private static final String SUFFIX = ".json";

    private DocumentFolder() {}

    static void load(Path folder, DocumentFiles.Loading loading) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, DocumentFolder::isDocument)) {
            for (Path file : files) {
                byte[] json = Files.readAllBytes(file);
                String name = String.valueOf(file.getFileName());
                if (check(file, json, loading)) {
                    loading.add(name.substring(0, name.length() - SUFFIX.length()), json, file.toString());
                }
            }
        } catch (IOException e) {
            throw OperatorException.input("dataset folder " + folder + " cannot be read: " + e.getMessage());
        }
    }

    static long fingerprint(Path folder) {
        long sum = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, DocumentFolder::isDocument)) {
            for (Path file : files) {
                // A sum, because a folder lists its files in no order.
                sum += Fingerprint.of(file);
            }
        } catch (IOException e) {
            throw OperatorException.input("dataset folder " + folder + " cannot be read: " + e.getMessage());
        }
        return sum;
    }

    private static boolean isDocument(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.endsWith(SUFFIX)
                && name.length() > SUFFIX.length()
                && !name.startsWith(".")
                && Files.isRegularFile(file);
    }

    private static boolean check(Path file, byte[] json, DocumentFiles.Loading loading) throws IOException {
        try {
            if (Json.MAPPER.readTree(json).isMissingNode()) {
                loading.fault(file + ": is empty, expected one JSON document");
                return false;
            }
            return true;
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            loading.fault(file + ":" + line + ": is no JSON: " + e.getOriginalMessage());
            return false;
        }
    }
}
