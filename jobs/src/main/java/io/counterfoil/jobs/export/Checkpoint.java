package io.counterfoil.jobs.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.sql.export.UsageSums;

import java.io.IOException;
import java.math.BigInteger;
import java.time.Instant;

/**
 * Up to where rows are on disk.
 *
 * @param to hours before it are written whole
 * @param sums of the rows since the checkpoint before
 * @param bytes the file's length up to here
 * @param sha256 of all these bytes, in hex
 */
record Checkpoint(Instant to, UsageSums sums, long bytes, String sha256) {
    private static final ObjectMapper JSON = new ObjectMapper();

    String json() {
        ObjectNode node = JSON.createObjectNode();
        node.put("to", to.toString()).put("bytes", bytes).put("sha256", sha256).put("rows", sums.rows());
        node.put("requests", sums.requests()).put("units", sums.units());
        node.put("bytes_in", sums.bytesIn()).put("bytes_out", sums.bytesOut());
        return node.put("duration_us", sums.durationMicros()).toString();
    }

    /** @throws IOException where it is none: the process died as it wrote it */
    static Checkpoint parse(String line) throws IOException {
        JsonNode node = JSON.readTree(line);
        try {
            return new Checkpoint(
                    Instant.parse(node.required("to").textValue()),
                    new UsageSums(
                            node.required("rows").longValue(),
                            whole(node, "requests"),
                            whole(node, "units"),
                            whole(node, "bytes_in"),
                            whole(node, "bytes_out"),
                            whole(node, "duration_us")),
                    node.required("bytes").longValue(),
                    node.required("sha256").textValue());
        } catch (RuntimeException e) {
            throw new IOException("no checkpoint: " + line, e);
        }
    }

    private static BigInteger whole(JsonNode node, String name) {
        return node.required(name).bigIntegerValue();
    }
}
