package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which of a log's fields is the time, the status and so on: the names that the format has for them, or, where it is up to the
 * operator, those that nginx and most loggers use, in turn. A {@code --map} file names others.
 */
final class FieldMap {
    private static final List<String> MAPPED = List.of(
            "time",
            "start",
            "key",
            "method",
            "path",
            "query",
            "status",
            "bytes",
            "bytes_in",
            "duration",
            "units",
            "route",
            "decision",
            "request_id",
            "user",
            "address",
            "request");

    private static final Pattern WHOLE = Pattern.compile("\\d{1,18}");
    private static final Pattern ROUTE = Pattern.compile("[a-z0-9._-]{1,64}");
    private static final Pattern REQUEST_ID = Pattern.compile("[!-~]{1,64}");

    private final Map<String, List<String>> names;
    private final Set<String> required = new HashSet<>(Set.of("time", "status"));

    private FieldMap(Map<String, List<String>> names) {
        this.names = new HashMap<>(names);
    }

    static FieldMap of(LogFormat format) {
        return new FieldMap(FieldNames.of(format));
    }

    /**
     * Reads lines {@code time = field}.
     *
     * @throws OperatorException category INPUT where the file cannot be read or names something else
     */
    static FieldMap read(LogFormat format, Path file) {
        Properties lines = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            lines.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw OperatorException.input("--map " + file + " cannot be read: " + e.getMessage()
                    + "; expected lines as in: time = time_iso8601");
        }
        FieldMap map = of(format);
        for (String what : lines.stringPropertyNames()) {
            if (!MAPPED.contains(what)) {
                throw OperatorException.input("--map " + file + ": '" + what + "' cannot be mapped, expected one of "
                        + String.join(", ", MAPPED));
            }
            map.names.put(what, List.of(lines.getProperty(what).strip()));
        }
        return map;
    }

    /** A line without that is malformed. */
    FieldMap requiring(String what) {
        required.add(what);
        return this;
    }

    /** Whether it knows a field for one of them. */
    boolean names(String... whats) {
        return Stream.of(whats).anyMatch(names::containsKey);
    }

    /** The field that the file names as the key; it may be a secret. */
    Optional<String> keyField() {
        return names.getOrDefault("key", List.of()).stream().findFirst();
    }

    /** The fields that a key may come from. */
    List<String> keyNames(KeyField keyField) {
        if (keyField.isParameter()) {
            return names.getOrDefault("query", List.of());
        }
        return keyField.isUser() || keyField.isAddress()
                ? names.getOrDefault(keyField.name(), List.of())
                : List.of(keyField.name());
    }

    /** The value of the first of the field's names that the line has. */
    private Optional<String> value(String what, Map<String, String> fields) throws MalformedLineException {
        for (String name : names.getOrDefault(what, List.of())) {
            String value = fields.get(name);
            if (value != null) {
                return Optional.of(value);
            }
        }
        if (required.contains(what)) {
            throw new MalformedLineException("no " + what + ": none of the fields "
                    + names.getOrDefault(what, List.of()) + "; name it with --map");
        }
        return Optional.empty();
    }

    /** As {@link #value}; nothing where a log writes that there is nothing. */
    private Optional<String> present(String what, Map<String, String> fields) throws MalformedLineException {
        return value(what, fields).flatMap(KeyField::present);
    }

    /** The request that a line of named fields tells of. */
    ForeignRequest request(Map<String, String> fields, KeyField keyField) throws MalformedLineException {
        RequestLine line = value("request", fields).map(RequestLine::parse).orElse(RequestLine.NONE);
        String target = value("path", fields).orElse(line.target());
        String targetQuery = RequestLine.query(target);
        String query =
                present("query", fields).orElse(targetQuery.isEmpty() ? RequestLine.query(line.target()) : targetQuery);
        long time = LineTime.any(value("time", fields).orElse(""));
        RequestFacts facts = new RequestFacts(
                0,
                route(fields),
                value("method", fields).map(RequestLine::methodOf).orElse(line.method()),
                StatusText.status(value("status", fields).orElse("")),
                whole("bytes_in", fields, 0),
                whole("bytes", fields, 0),
                duration(time, fields),
                whole("units", fields, 1),
                decision(fields),
                present("request_id", fields)
                        .filter(id -> REQUEST_ID.matcher(id).matches())
                        .orElse(""),
                "",
                RequestLine.withoutQuery(target));
        return new ForeignRequest(time, key(fields, query, keyField), facts);
    }

    private Optional<String> key(Map<String, String> fields, String query, KeyField keyField)
            throws MalformedLineException {
        if (keyField.isParameter()) {
            return keyField.parameter(query);
        }
        Optional<String> value = keyField.isUser() || keyField.isAddress()
                ? value(keyField.name(), fields)
                : Optional.ofNullable(fields.get(keyField.name()));
        return value.flatMap(KeyField::present);
    }

    private long duration(long time, Map<String, String> fields) throws MalformedLineException {
        Optional<String> duration = present("duration", fields);
        if (duration.isPresent()) {
            return LineTime.durationMicros(duration.get());
        }
        Optional<String> start = present("start", fields);
        return start.isPresent() ? Math.max(0, time - LineTime.any(start.get())) : 0;
    }

    private String route(Map<String, String> fields) throws MalformedLineException {
        String route = present("route", fields).orElse("-");
        if (!ROUTE.matcher(route).matches()) {
            throw new MalformedLineException("the route is not 1 to 64 of a-z 0-9 . _ -");
        }
        return route;
    }

    private Decision decision(Map<String, String> fields) throws MalformedLineException {
        Optional<String> decision = present("decision", fields);
        if (decision.isEmpty()) {
            return Decision.ADMITTED;
        }
        return Decision.parse(decision.get())
                .orElseThrow(() -> new MalformedLineException(
                        "the decision is not one of admitted, warned, refused, unauthorized, unrouted"));
    }

    private long whole(String what, Map<String, String> fields, long absent) throws MalformedLineException {
        String text = present(what, fields).orElse("");
        if (text.isEmpty()) {
            return absent;
        }
        if (!WHOLE.matcher(text).matches()) {
            throw new MalformedLineException("the " + what + " are not a whole number");
        }
        return Long.parseLong(text);
    }
}
