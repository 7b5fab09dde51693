package io.counterfoil.jobs.export;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.accesslog.file.DurableFiles;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a file holds, beside it as {@code FILE.manifest.json}. No time of day is in it: the same data gives the same bytes.
 *
 * @param what the export's name
 * @param parameters what was asked for, in this order
 * @param totals sums of the file's rows, by name, in this order
 * @param refused what was asked for and is not in the file, each by name and why
 * @param version of Counterfoil
 */
public record Manifest(
        String what,
        String format,
        Map<String, String> parameters,
        long rows,
        Map<String, BigDecimal> totals,
        List<String> refused,
        WholeFile file,
        String version) {
    private static final ObjectWriter JSON = new ObjectMapper()
            .writer()
            .with(JsonGenerator.Feature.WRITE_BIGDECIMAL_AS_PLAIN)
            .with(new DefaultPrettyPrinter()
                    .withObjectIndenter(new DefaultIndenter("  ", "\n"))
                    .withArrayIndenter(new DefaultIndenter("  ", "\n")));

    public Manifest {
        parameters = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        totals = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(totals));
        refused = List.copyOf(refused);
    }

    static Path beside(Path file) {
        return file.resolveSibling(file.getFileName() + ".manifest.json");
    }

    /** Before its file is replaced: a manifest never stands beside a file that is not the one it tells of. */
    static void remove(Path file) throws IOException {
        if (Files.deleteIfExists(beside(file))) {
            DurableFiles.syncFolder(file.toAbsolutePath().getParent());
        }
    }

    /** Whether there is one, and it tells of this very file. */
    static boolean fits(Path file, WholeFile whole) throws IOException {
        Path manifest = beside(file);
        if (!Files.isRegularFile(manifest)) {
            return false;
        }
        try {
            JsonNode root = new ObjectMapper().readTree(Files.readAllBytes(manifest));
            return whole.sha256().equals(root.path("sha256").asText());
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    /** The last step of an export: where there is a manifest, its file is whole. */
    void write(Path besideFile) throws IOException {
        DurableFiles.replace(beside(besideFile), json());
    }

    byte[] json() throws IOException {
        ObjectNode root = new ObjectMapper().createObjectNode();
        root.put("what", what).put("format", format);
        ObjectNode asked = root.putObject("parameters");
        parameters.forEach(asked::put);
        root.put("rows", rows);
        ObjectNode sums = root.putObject("totals");
        totals.forEach((name, value) -> {
            if (value.scale() <= 0) {
                sums.put(name, value.toBigIntegerExact());
            } else {
                sums.put(name, value);
            }
        });
        if (!refused.isEmpty()) {
            refused.forEach(root.putArray("refused")::add);
        }
        root.put("bytes", file.bytes()).put("sha256", file.sha256()).put("counterfoil", version);
        return (JSON.writeValueAsString(root) + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    /** A whole number as a total. */
    static BigDecimal whole(BigInteger value) {
        return new BigDecimal(value);
    }
}
