package io.counterfoil.accesslog.collected;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.accesslog.collected.CollectedBatch.CollectedRecord;
import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.RequestFacts;

import java.io.IOException;
import java.util.Optional;

/**
 * A record that waits for its key to become known. As JSON: one flat object of a line.
 *
 * @param id its own within the source, without blanks
 * @param since when it was taken; Unix seconds
 * @param record with a key; its line is not kept
 */
record HeldRecord(String id, long since, CollectedRecord record) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

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
