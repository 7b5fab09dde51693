package io.counterfoil.edge.dataset;

import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

/** How a file looks from outside: name, length, time of its last change, and which file it is. */
public final class Fingerprint {
    private Fingerprint() {}

    /** @throws OperatorException category INPUT where the file cannot be looked at */
    public static long of(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return mix(
                    mix(
                            mix(file.toString().hashCode(), attributes.size()),
                            attributes.lastModifiedTime().toInstant().hashCode()),
                    Objects.hashCode(attributes.fileKey()));
        } catch (IOException e) {
            throw OperatorException.input(file + " cannot be read: " + e);
        }
    }

    static long mix(long hash, long value) {
        long mixed = (hash ^ value) * 0x9e3779b97f4a7c15L;
        return mixed ^ (mixed >>> 32);
    }
}
