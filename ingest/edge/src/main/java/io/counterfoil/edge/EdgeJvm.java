package io.counterfoil.edge;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** How an edge's JVM is run, for whoever starts one. Uses nothing of the edge's libraries. */
public final class EdgeJvm {
    private EdgeJvm() {}

    /** The flags of {@code jvm.options}, one each. */
    public static List<String> flags() {
        try (InputStream in = EdgeJvm.class.getResourceAsStream("jvm.options")) {
            if (in == null) {
                throw new IllegalStateException("jvm.options is not in the edge's jar");
            }
            return new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))
                    .lines()
                    .filter(line -> line.startsWith("-"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("jvm.options cannot be read", e);
        }
    }
}
