package io.counterfoil.schedules.demo;

import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which log the demo imports.
 *
 * @param file empty: the one that is shipped
 * @param truth empty: the shipped log's own, or none for another log
 */
public record DemoLog(Optional<Path> file, String format, String keyFrom, Optional<Path> truth) {
    private static final String SHIPPED = "blog-2016/blog-2016.log.gz";
    private static final String SHIPPED_TRUTH = "blog-2016/blog-2016.truth.csv.gz";

    /** The log that is shipped, and its truth. */
    public static DemoLog shipped() {
        return new DemoLog(Optional.empty(), "combined", "user", Optional.empty());
    }

    String name() {
        return file.map(path -> String.valueOf(path.getFileName())).orElse("blog-2016.log.gz");
    }

    InputStream open() {
        return file.map(path -> open(path, "--log")).orElseGet(() -> resource(SHIPPED));
    }

    Optional<Truth> readTruth() {
        if (truth.isPresent()) {
            return Optional.of(Truth.read(truth.get().toString(), open(truth.get(), "--truth")));
        }
        return file.isPresent() ? Optional.empty() : Optional.of(Truth.read(SHIPPED_TRUTH, resource(SHIPPED_TRUTH)));
    }

    private static InputStream open(Path path, String option) {
        try {
            return Files.newInputStream(path);
        } catch (IOException e) {
            throw OperatorException.input(option + " " + path + " "
                    + (Files.exists(path) ? "cannot be read: " + e.getMessage() : "does not exist"));
        }
    }

    private static InputStream resource(String name) {
        InputStream stream = DemoLog.class.getResourceAsStream(name);
        if (stream == null) {
            throw new UncheckedIOException(new IOException("the program was packaged without " + name));
        }
        return stream;
    }
}
