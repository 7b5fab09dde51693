package io.counterfoil.jobs.imports;

import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** CSV with a header line that names the columns. A line break inside quotes is not supported: such a line becomes a reject. */
final class CsvFormat implements LineFormat {
    private static final CSVFormat LINE = CSVFormat.RFC4180;

    private final KeyField keyField;
    private final FieldMap map;
    private List<String> columns = List.of();

    CsvFormat(KeyField keyField, FieldMap map) {
        this.keyField = keyField;
        this.map = map;
    }

    @Override
    public boolean skip(String line) {
        if (line.isEmpty() || line.startsWith("#")) {
            return true;
        }
        if (!columns.isEmpty()) {
            return false;
        }
        try {
            columns = fields(line);
        } catch (MalformedLineException e) {
            // Then the lines below it have no columns, and each says so.
            columns = List.of(line);
        }
        return true;
    }

    @Override
    public Optional<ForeignRequest> parse(String line) throws MalformedLineException {
        List<String> values = fields(line);
        if (values.size() != columns.size()) {
            throw new MalformedLineException(values.size() + " fields, the header names " + columns.size());
        }
        Map<String, String> fields = new HashMap<>();
        for (int i = 0; i < values.size(); i++) {
            fields.put(columns.get(i), values.get(i));
        }
        return Optional.of(map.request(fields, keyField));
    }

    private static List<String> fields(String line) throws MalformedLineException {
        try (CSVParser parser = CSVParser.parse(line, LINE)) {
            List<CSVRecord> records = parser.getRecords();
            if (records.size() != 1) {
                throw new MalformedLineException("not one CSV record");
            }
            return records.get(0).toList();
        } catch (IOException | UncheckedIOException e) {
            throw new MalformedLineException("not CSV: a quote that does not close, or text behind one");
        }
    }
}
