package io.counterfoil.edge.collector;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.accesslog.collected.CollectedBatch.CollectedRecord;
import io.counterfoil.accesslog.collected.CollectedBatch.Reject;
import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.edge.config.RouteConfig;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A batch's body: one JSON object a line, with the log's own column names. Needed are {@code ts_us} and {@code status}; what else is
 * left out has its usual value, and members that nobody knows are passed over. A line that is no record is a reject; no reason
 * quotes a line, since a key may stand in it.
 */
final class RecordLines {
    /** More lines are too many for a batch. */
    static final int MAX_LINES = 10_000;

    private static final int MAX_LINE_BYTES = 64 << 10;
    private static final long MAX_MEASURE = 1L << 44;
    private static final long MAX_MICROS = 253_402_300_800L * 1_000_000;
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final ObjectMapper MAPPER = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final List<CollectedRecord> records = new ArrayList<>();
    private final List<Reject> rejects = new ArrayList<>();

    private RecordLines() {}

    /** Why a line is no record. */
    private static final class NoRecordException extends Exception {
        private static final long serialVersionUID = 1L;

        NoRecordException(String reason) {
            super(reason);
        }
    }

    /** Empty where there are more lines than a batch may have. */
    static Optional<RecordLines> parse(byte[] body) {
        RecordLines lines = new RecordLines();
        int number = 0;
        for (int start = 0; start < body.length; ) {
            int end = start;
            while (end < body.length && body[end] != '\n') {
                end++;
            }
            number++;
            if (number > MAX_LINES) {
                return Optional.empty();
            }
            if (!isBlank(body, start, end)) {
                lines.line(number, body, start, end);
            }
            start = end + 1;
        }
        return Optional.of(lines);
    }

    List<CollectedRecord> records() {
        return records;
    }

    List<Reject> rejects() {
        return rejects;
    }

    private static boolean isBlank(byte[] body, int from, int to) {
        for (int i = from; i < to; i++) {
            if (body[i] != ' ' && body[i] != '\r' && body[i] != '\t') {
                return false;
            }
        }
        return true;
    }

    private void line(int number, byte[] body, int from, int to) {
        try {
            if (to - from > MAX_LINE_BYTES) {
                throw new NoRecordException("longer than " + MAX_LINE_BYTES + " bytes");
            }
            records.add(record(number, object(body, from, to)));
        } catch (NoRecordException e) {
            rejects.add(new Reject(number, to - from, String.valueOf(e.getMessage())));
        }
    }

    private static JsonNode object(byte[] body, int from, int to) throws NoRecordException {
        try {
            JsonNode json = MAPPER.readTree(body, from, to - from);
            if (json != null && json.isObject()) {
                return json;
            }
        } catch (JsonProcessingException e) {
            throw new NoRecordException("not JSON, or a member stands twice");
        } catch (IOException e) {
            throw new IllegalStateException("memory does not fail", e);
        }
        throw new NoRecordException("not a JSON object");
    }

    private static CollectedRecord record(int line, JsonNode json) throws NoRecordException {
        long micros = number(json, "ts_us", MAX_MICROS)
                .orElseThrow(() -> new NoRecordException("no ts_us: UTC microseconds when the request ended"));
        long status =
                number(json, "status", 999).orElseThrow(() -> new NoRecordException("no status, expected 100 to 999"));
        if (status < 100) {
            throw new NoRecordException("status is " + status + ", expected 100 to 999");
        }
        Optional<String> key = text(json, "key");
        if (key.isPresent() && !SHA256.matcher(key.get()).matches()) {
            throw new NoRecordException(
                    "key is no SHA-256: expected 64 hex digits in lower case, never the key itself");
        }
        String decision = text(json, "decision").orElse(Decision.ADMITTED.text());
        return new CollectedRecord(
                line,
                micros,
                key,
                new RequestFacts(
                        0,
                        route(json),
                        text(json, "method").orElse("-"),
                        (int) status,
                        measure(json, "bytes_in", 0),
                        measure(json, "bytes_out", 0),
                        measure(json, "duration_us", 0),
                        measure(json, "units", 1),
                        Decision.parse(decision)
                                .orElseThrow(() -> new NoRecordException(
                                        "decision is none of admitted, warned, refused, unauthorized, unrouted")),
                        text(json, "request_id").orElse(""),
                        text(json, "client").orElse(""),
                        text(json, "path").orElse("-")));
    }

    private static String route(JsonNode json) throws NoRecordException {
        String route = text(json, "route").orElse("-");
        if (!RecordFormat.ROUTE_NAME.matcher(route).matches() || route.startsWith(RouteConfig.OWN)) {
            throw new NoRecordException(
                    "route is no name of 1 to 64 of a-z 0-9 . _ - that does not begin with '" + RouteConfig.OWN + "'");
        }
        return route;
    }

    private static long measure(JsonNode json, String name, long otherwise) throws NoRecordException {
        return number(json, name, MAX_MEASURE - 1).orElse(otherwise);
    }

    private static Optional<Long> number(JsonNode json, String name, long max) throws NoRecordException {
        JsonNode value = json.get(name);
        if (value == null || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < 0
                || value.longValue() > max) {
            throw new NoRecordException(name + " is no whole number from 0 to " + max);
        }
        return Optional.of(value.longValue());
    }

    private static Optional<String> text(JsonNode json, String name) throws NoRecordException {
        JsonNode value = json.get(name);
        if (value == null || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isTextual()) {
            throw new NoRecordException(name + " is no text");
        }
        return Optional.of(value.textValue());
    }
}
