package io.counterfoil.jobs.imports;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** One JSON object a line, as nginx writes with {@code log_format … escape=json}. */
final class JsonFormat implements LineFormat {
    private static final ObjectMapper MAPPER = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    /** Deeper objects hold nothing that anybody logs. */
    private static final int MAX_DEPTH = 4;

    /** More zeros than the widest floating-point number has. */
    private static final int MAX_SCALE = 400;

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
    public Optional<ForeignRequest> parse(String line) throws MalformedLineException {
        return Optional.of(map.request(fields(line), keyField));
    }

    /** The line's values by name; what lies inside of another object has that one's name and a dot before its own. */
    static Map<String, String> fields(String line) throws MalformedLineException {
        JsonNode json;
        try {
            json = MAPPER.readTree(line);
        } catch (JsonProcessingException | ArithmeticException | NumberFormatException e) {
            throw new MalformedLineException("not JSON, or a field stands twice");
        }
        if (!json.isObject()) {
            throw new MalformedLineException("not a JSON object");
        }
        Map<String, String> fields = new HashMap<>();
        add("", json, fields, MAX_DEPTH);
        return fields;
    }

    private static void add(String prefix, JsonNode object, Map<String, String> fields, int depth) {
        object.properties().forEach(field -> {
            String name = prefix + field.getKey();
            JsonNode value = onlyElement(field.getValue());
            if (value.isObject() && depth > 0) {
                add(name + ".", value, fields, depth - 1);
            } else if (value.isValueNode() && !value.isNull()) {
                fields.put(name, text(value));
            }
        });
    }

    /** Of a header that may come several times, loggers write an array. */
    private static JsonNode onlyElement(JsonNode value) {
        return value.isArray() && value.size() == 1 && value.get(0).isValueNode() ? value.get(0) : value;
    }

    /** Numbers without an exponent, as far as anybody logs them; one that would fill the memory keeps it, and fits no field. */
    private static String text(JsonNode value) {
        if (!value.isNumber()) {
            return value.asText();
        }
        BigDecimal number = value.decimalValue();
        boolean endless = number.scale() > MAX_SCALE || number.scale() < -MAX_SCALE;
        return endless ? number.toString() : number.toPlainString();
    }
}
