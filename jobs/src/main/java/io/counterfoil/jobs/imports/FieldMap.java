package io.counterfoil.jobs.imports;

import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * Which of a log's fields is the time, the status and so on. Without a {@code --map} file the names that nginx and most
 * loggers use are tried in turn.
 */
final class FieldMap {
    /** What can be mapped, with the names tried where it is not. */
    private static final Map<String, List<String>> NAMES = Map.of(
            "time", List.of("time_iso8601", "time_local", "msec", "time", "timestamp", "ts", "@timestamp"),
            "key", List.of(),
            "method", List.of("request_method", "method"),
            "path", List.of("request_uri", "uri", "path", "url"),
            "status", List.of("status", "status_code"),
            "bytes", List.of("body_bytes_sent", "bytes_sent", "bytes", "size"),
            "duration", List.of("request_time", "duration"),
            "user", List.of("remote_user", "user"),
            "address", List.of("remote_addr", "client_ip", "address"),
            "request", List.of("request"));

    private final Map<String, List<String>> names = new HashMap<>(NAMES);

    static FieldMap standard() {
        return new FieldMap();
    }

    /**
     * Reads lines {@code time = field}; left is one of time, key, method, path, status, bytes, duration.
     *
     * @throws OperatorException category INPUT where the file cannot be read or names something else
     */
    static FieldMap read(Path file) {
        Properties lines = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            lines.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw OperatorException.input("--map " + file + " cannot be read: " + e.getMessage()
                    + "; expected lines as in: time = time_iso8601");
        }
        FieldMap map = new FieldMap();
        for (String what : lines.stringPropertyNames()) {
            if (!NAMES.containsKey(what)) {
                throw OperatorException.input("--map " + file + ": '" + what
                        + "' cannot be mapped, expected time, key, method, path, status, bytes or duration");
            }
            map.names.put(what, List.of(lines.getProperty(what).strip()));
        }
        return map;
    }

    /** The field that the file names as the key; it may be a secret. */
    Optional<String> keyField() {
        return names.get("key").stream().findFirst();
    }

    /** The value of the first of the field's names that the line has. */
    Optional<String> value(String what, Map<String, String> fields) {
        for (String name : names.getOrDefault(what, List.of())) {
            String value = fields.get(name);
            if (value != null) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }

    /** The request that a line of named fields tells of. */
    ForeignRequest request(Map<String, String> fields, KeyField keyField) throws MalformedLineException {
        RequestLine line = value("request", fields).map(RequestLine::parse).orElse(new RequestLine("-", "-"));
        String bytes = value("bytes", fields).orElse("-");
        String duration = value("duration", fields).orElse("-");
        return new ForeignRequest(
                LineTime.any(required("time", fields)),
                key(fields, keyField),
                value("method", fields).orElse(line.method()),
                value("path", fields).map(RequestLine::withoutQuery).orElse(line.path()),
                CombinedFormat.status(required("status", fields)),
                bytes(bytes),
                duration.isEmpty() || duration.equals("-") ? 0 : LineTime.durationMicros(duration));
    }

    private Optional<String> key(Map<String, String> fields, KeyField keyField) {
        Optional<String> value = keyField.isUser() || keyField.isAddress()
                ? value(keyField.name(), fields)
                : Optional.ofNullable(fields.get(keyField.name()));
        return value.flatMap(KeyField::present);
    }

    private String required(String what, Map<String, String> fields) throws MalformedLineException {
        return value(what, fields)
                .orElseThrow(() -> new MalformedLineException(
                        "no " + what + ": none of the fields " + names.get(what) + "; name it with --map"));
    }

    private static long bytes(String text) throws MalformedLineException {
        if (text.isEmpty() || text.equals("-")) {
            return 0;
        }
        if (!text.matches("\\d{1,18}")) {
            throw new MalformedLineException("the bytes are not a whole number");
        }
        return Long.parseLong(text);
    }
}
