package io.counterfoil.jobs.push;

import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Files; documents' names are their paths. Each is replaced at once: whoever reads it reads the old one or the new one. */
final class FileTarget implements FlagTarget {
    private static final long MAX_BYTES = 1L << 30;

    private final String id;
    private final Path lock;

    /** @param file which one it is */
    FileTarget(Path file) {
        this.lock = file.resolveSibling("." + file.getFileName() + ".lock");
        this.id = "file " + file.toAbsolutePath().normalize();
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Optional<Path> lockFile() {
        return Optional.of(lock);
    }

    @Override
    public long maxBytes() {
        return MAX_BYTES;
    }

    @Override
    public Optional<byte[]> read(String name) {
        Path file = Path.of(name);
        try {
            return Files.exists(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
        } catch (IOException e) {
            throw failed("read", file, e);
        }
    }

    @Override
    public void write(Map<String, byte[]> documents) {
        documents.forEach((name, bytes) -> {
            try {
                DurableFiles.replace(Path.of(name), bytes);
            } catch (IOException e) {
                throw failed("written", Path.of(name), e);
            }
        });
    }

    private static OperatorException failed(String what, Path file, IOException e) {
        return OperatorException.down(
                "flags' file " + file + " cannot be " + what + " (" + e
                        + "); its folder must exist and be writable for this user," + " and its disk have room",
                e);
    }

    @Override
    public void close() {
        // Nothing is held open.
    }
}
