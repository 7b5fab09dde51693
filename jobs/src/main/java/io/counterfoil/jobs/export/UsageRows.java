package io.counterfoil.jobs.export;

import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** Reads rows of usage that were written as CSV with a header. */
final class UsageRows {
    private static final CSVFormat FORMAT =
            CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get();

    private UsageRows() {}

    /** Takes one row; the record is valid during the call. */
    @FunctionalInterface
    interface Sink {
        void row(CSVRecord row) throws IOException;
    }

    static void read(InputStream csv, Sink sink) throws IOException {
        try (CSVParser parser = FORMAT.parse(new InputStreamReader(csv, StandardCharsets.UTF_8))) {
            for (CSVRecord row : parser) {
                sink.row(row);
            }
        }
    }
}
