package io.counterfoil.sql;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Reads the {@code .sql} files that lie beside this class. */
public final class SqlFile {
    private SqlFile() {}

    /** The file's text, for example of {@code rollup/merge-usage.sql}. */
    public static String read(String path) {
        try (InputStream in = SqlFile.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalArgumentException("no SQL file '" + path + "' beside " + SqlFile.class.getName());
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read SQL file " + path, e);
        }
    }
}
