package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.sql.OperatorException;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How a foreign log is to be read.
 *
 * @param format combined, json or csv
 * @param keyFrom user, address, or the name of a field
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
        if (!format.matches("combined|json|csv")) {
            throw OperatorException.input("--format is '" + format + "', expected combined, json or csv");
        }
        if (!StreamId.EDGE_NAME.matcher(source).matches()) {
            throw OperatorException.input(
                    "--source is '" + source + "', expected 1 to 64 of a-z 0-9 . _ - and no sign at the start");
        }
        boolean builtIn = keyFrom.equals(KeyField.USER) || keyFrom.equals(KeyField.ADDRESS);
        if (keyFrom.isBlank() || (format.equals("combined") && !builtIn)) {
            throw OperatorException.input("--key-from is '" + keyFrom + "', expected user or address"
                    + (format.equals("combined") ? "" : " or the name of a field"));
        }
        if (format.equals("combined") && map.isPresent()) {
            throw OperatorException.input("--map goes with json and csv, --format is combined");
        }
    }

    /** What the map names as the key goes before {@code keyFrom}, and is never taken for a public name. */
    KeyField keyField() {
        return new KeyField(fields().keyField().orElse(keyFrom));
    }

    private FieldMap fields() {
        return map.map(FieldMap::read).orElseGet(FieldMap::standard);
    }

    /** A fresh reader for one file. */
    LineFormat lineFormat() {
        if (format.equals("combined")) {
            return new CombinedFormat(keyField());
        }
        return format.equals("json") ? new JsonFormat(keyField(), fields()) : new CsvFormat(keyField(), fields());
    }
}
