package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.sql.OperatorException;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How a foreign log is to be read.
 *
 * @param format combined, json, csv, cloudfront, cloudflare, alb or iis
 * @param keyFrom user, address, query:PARAMETER, or the name of a field
 * @param source what the log is called here: part of every record's identity
 * @param map a file that names fields; see {@link FieldMap}
 * @param createKeys callers that nobody knows become keys of an account named as the source
 * @param unknownAsNone callers that nobody knows count under no key; else the import stops before them
 * @param takeUnterminated the end of the file ends its last line too
 */
public record ImportSettings(
        String format,
        String keyFrom,
        String source,
        Optional<Path> map,
        boolean createKeys,
        boolean unknownAsNone,
        boolean takeUnterminated) {
    /** @throws OperatorException category INPUT naming the setting, its value and what was expected */
    public ImportSettings {
        LogFormat named = LogFormat.named(format);
        if (!StreamId.EDGE_NAME.matcher(source).matches()) {
            throw OperatorException.input(
                    "--source is '" + source + "', expected 1 to 64 of a-z 0-9 . _ - and no sign at the start");
        }
        boolean combined = named == LogFormat.COMBINED;
        KeyField field = new KeyField(keyFrom, false);
        boolean builtIn = field.isUser() || field.isAddress() || field.isParameter();
        boolean noUser = !combined && field.isUser() && !fields(named, map).names(KeyField.USER, "key");
        if (keyFrom.isBlank() || (combined && !builtIn) || noUser) {
            throw OperatorException.input("--key-from is '" + keyFrom + "', expected "
                    + (noUser ? "" : "user, ") + "address or query:PARAMETER"
                    + (combined ? "" : ", or the name of a field")
                    + (noUser ? ": " + format + " has no user" : ""));
        }
        if (combined && map.isPresent()) {
            throw OperatorException.input("--map goes with formats that name their fields, --format is combined");
        }
    }

    /** What the map names as the key goes before {@code keyFrom}, and is never taken for a public name. */
    KeyField keyField() {
        return fields().keyField().map(name -> new KeyField(name, true)).orElse(new KeyField(keyFrom, false));
    }

    private FieldMap fields() {
        return fields(LogFormat.named(format), map);
    }

    private static FieldMap fields(LogFormat named, Optional<Path> map) {
        return map.map(file -> FieldMap.read(named, file)).orElseGet(() -> FieldMap.of(named));
    }

    /** A fresh reader for one file. */
    LineFormat lineFormat() {
        return LogFormat.named(format).reader(keyField(), fields());
    }
}
