package io.counterfoil.edge;

import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A commented {@code edge.yaml} and a first dataset, to begin with. Uses nothing of the edge's libraries. */
public final class EdgeTemplate {
    /** What is written, in this order. */
    public static final List<String> FILES =
            List.of("edge.yaml", "items/1.json", "items/2.json", "items/3.json", "items/4.json", "items/5.json");

    private EdgeTemplate() {}

    /**
     * Writes {@code edge.yaml} and the folder {@code items}; creates the folder where it is missing.
     *
     * @throws OperatorException category INPUT where one of the files is there already, before any is written
     */
    public static void write(Path folder) {
        for (String file : FILES) {
            if (Files.exists(folder.resolve(file))) {
                throw occupied(folder.resolve(file));
            }
        }
        try {
            for (String file : FILES) {
                Path target = folder.resolve(file);
                Files.createDirectories(target.toAbsolutePath().getParent());
                try (InputStream in = EdgeTemplate.class.getResourceAsStream("template/" + file)) {
                    if (in == null) {
                        throw new IllegalStateException("template/" + file + " is not in the edge's jar");
                    }
                    // Does not replace: a file that appeared meanwhile stays.
                    Files.copy(in, target);
                }
            }
        } catch (FileAlreadyExistsException e) {
            throw occupied(Path.of(e.getFile()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a first edge to " + folder + ": " + e.getMessage(), e);
        }
    }

    private static OperatorException occupied(Path file) {
        return OperatorException.input(
                file + " is there already and stays as it is; name an empty folder, or remove it first");
    }
}
