package io.counterfoil.jobs.push;

import io.counterfoil.accesslog.landing.S3Documents;
import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Objects below {@code s3://bucket/prefix}. */
final class S3Target implements FlagTarget {
    private static final long MAX_BYTES = 1L << 30;

    private final S3Documents documents;

    /** @throws OperatorException category INPUT where the address is none, or a setting of S3 is wrong */
    S3Target(String address, Map<String, String> environment) {
        try {
            this.documents = S3Documents.open(address, environment);
        } catch (IllegalArgumentException e) {
            throw OperatorException.input("flags cannot be pushed to S3: " + e.getMessage());
        }
    }

    @Override
    public String id() {
        return "s3 " + documents.where();
    }

    @Override
    public Optional<Path> lockFile() {
        return Optional.empty();
    }

    @Override
    public long maxBytes() {
        return MAX_BYTES;
    }

    @Override
    public Optional<byte[]> read(String name) {
        try {
            return documents.read(name);
        } catch (IOException e) {
            throw OperatorException.down(e.getMessage(), e);
        }
    }

    @Override
    public void write(Map<String, byte[]> texts) {
        for (Map.Entry<String, byte[]> text : texts.entrySet()) {
            try {
                documents.put(text.getKey(), text.getValue(), "application/json");
            } catch (IOException e) {
                throw OperatorException.down(e.getMessage(), e);
            }
        }
    }

    @Override
    public void close() {
        // The client's threads are daemons, and its connections the process's.
    }
}
