package io.counterfoil.jobs.imports;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import java.util.HashMap;
import java.util.Map;

/** One flat JSON object a line, as nginx writes with {@code log_format … escape=json}. */
final class JsonFormat implements LineFormat {
    private static final ObjectMapper MAPPER = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private final KeyField keyField;
    private final FieldMap map;

    JsonFormat(KeyField keyField, FieldMap map) {
        this.keyField = keyField;
        this.map = map;
    }

    @Override
    public boolean skip(String line) {
        return line.isBlank() || line.startsWith("#");
    }

    @Override
    public ForeignRequest parse(String line) throws MalformedLineException {
        JsonNode json;
        try {
            json = MAPPER.readTree(line);
        } catch (JsonProcessingException e) {
            throw new MalformedLineException("not JSON, or a field stands twice");
        }
        if (!json.isObject()) {
            throw new MalformedLineException("not a JSON object");
        }
        Map<String, String> fields = new HashMap<>();
        json.properties().forEach(field -> {
            if (field.getValue().isValueNode() && !field.getValue().isNull()) {
                fields.put(field.getKey(), text(field.getValue()));
            }
        });
        return map.request(fields, keyField);
    }

    /** Numbers as they stand: never with an exponent. */
    private static String text(JsonNode value) {
        return value.isNumber() ? value.decimalValue().toPlainString() : value.asText();
    }
}
