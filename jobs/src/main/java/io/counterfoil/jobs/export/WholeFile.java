package io.counterfoil.jobs.export;

import io.counterfoil.accesslog.file.Digests;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;

/** How long a file is, and its digest in hex. */
public record WholeFile(long bytes, String sha256) {
    private static final int CHUNK_BYTES = 256 << 10;

    /** By reading it. */
    static WholeFile of(Path file) throws IOException {
        MessageDigest digest = Digests.sha256();
        byte[] chunk = new byte[CHUNK_BYTES];
        long bytes = 0;
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                digest.update(chunk, 0, read);
                bytes += read;
            }
        }
        return new WholeFile(bytes, HexFormat.of().formatHex(digest.digest()));
    }
}
