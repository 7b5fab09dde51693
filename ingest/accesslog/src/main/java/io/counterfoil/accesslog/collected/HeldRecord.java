package io.counterfoil.accesslog.collected;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.accesslog.collected.CollectedBatch.CollectedRecord;
import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.KeyMask;
import io.counterfoil.accesslog.record.RequestFacts;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A record that waits for its key to become known. As JSON: one flat object of a line.
 *
 * @param id its own within the source, without blanks
 * @param since when it was taken; Unix seconds
 * @param record with a key; its line is not kept
 */
record HeldRecord(String id, long since, CollectedRecord record) {
    /** Longer than what a line of the log takes of them. */
    private static final int MAX_ID = 128;

    private static final int MAX_PATH = 512;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Its texts no longer than the log takes, and without what looks like a key: they lie on the disk meanwhile. */
    static HeldRecord of(String id, long since, CollectedRecord record) {
        RequestFacts facts = record.facts();
        byte[] requestId = cut(facts.requestId(), MAX_ID).getBytes(StandardCharsets.UTF_8);
        byte[] path = facts.path().getBytes(StandardCharsets.UTF_8);
        RequestFacts kept = new RequestFacts(
                0,
                facts.route(),
                cut(facts.method(), MAX_ID),
                facts.status(),
                facts.bytesIn(),
                facts.bytesOut(),
                facts.durationMicros(),
                facts.units(),
                facts.decision(),
                new String(KeyMask.maskedRequestId(requestId), StandardCharsets.UTF_8),
                cut(facts.client(), MAX_ID),
                cut(new String(KeyMask.masked(path), StandardCharsets.UTF_8), MAX_PATH));
        return new HeldRecord(id, since, new CollectedRecord(0, record.tsMicros(), record.keySha256(), kept));
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most);
    }

    String keySha256() {
        return record.keySha256().orElseThrow();
    }

    String toJson() {
        RequestFacts facts = record.facts();
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("since", since)
                .put("key", keySha256())
                .put("ts_us", record.tsMicros())
                .put("route", facts.route())
                .put("method", facts.method())
                .put("status", facts.status())
                .put("bytes_in", facts.bytesIn())
                .put("bytes_out", facts.bytesOut())
                .put("duration_us", facts.durationMicros())
                .put("units", facts.units())
                .put("decision", facts.decision().text())
                .put("request_id", facts.requestId())
                .put("client", facts.client())
                .put("path", facts.path());
        try {
            return MAPPER.writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts and numbers are always JSON", e);
        }
    }

    /** @throws IOException where the text is not what {@link #toJson} wrote */
    static HeldRecord parse(String text) throws IOException {
        JsonNode json = MAPPER.readTree(text);
        try {
            RequestFacts facts = new RequestFacts(
                    0,
                    json.required("route").textValue(),
                    json.required("method").textValue(),
                    json.required("status").intValue(),
                    json.required("bytes_in").longValue(),
                    json.required("bytes_out").longValue(),
                    json.required("duration_us").longValue(),
                    json.required("units").longValue(),
                    Decision.parse(json.required("decision").textValue()).orElseThrow(),
                    json.required("request_id").textValue(),
                    json.required("client").textValue(),
                    json.required("path").textValue());
            return new HeldRecord(
                    json.required("id").textValue(),
                    json.required("since").longValue(),
                    new CollectedRecord(
                            0,
                            json.required("ts_us").longValue(),
                            Optional.of(json.required("key").textValue()),
                            facts));
        } catch (RuntimeException e) {
            throw new IOException("a held record is not what was written: " + e.getMessage(), e);
        }
    }
}
