package io.counterfoil.sql.rollup;

import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.postgresql.PGConnection;

import javax.sql.DataSource;
import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

/** Copies one task attempt's rows into staging, tagged with batch, partition and attempt, in one transaction. */
public final class StagingWriter {
    /** Rows per COPY, so that a large partition is not held twice in memory. */
    private static final int CHUNK_ROWS = 50_000;

    private final DataSource source;

    public StagingWriter(DataSource source) {
        this.source = source;
    }

    public StagedAttempt write(
            long batch,
            int part,
            long attempt,
            List<StagedUsage> usage,
            List<StagedSegment> segments,
            List<StagedReject> rejects)
            throws SQLException, IOException {
        String tag = batch + "," + part + "," + attempt;
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            copy(connection, "staged_usage", tag, usage, StagingWriter::usageRow);
            copy(connection, "staged_segment", tag, segments, StagingWriter::segmentRow);
            copy(connection, "staged_reject", tag, rejects, StagingWriter::rejectRow);
            connection.commit();
        }
        long requests = usage.stream().mapToLong(StagedUsage::requests).sum();
        return new StagedAttempt(part, attempt, usage.size(), segments.size(), rejects.size(), requests);
    }

    private interface RowPrinter<T> {
        void print(CSVPrinter printer, T row) throws IOException;
    }

    private static <T> void copy(Connection connection, String table, String tag, List<T> rows, RowPrinter<T> printer)
            throws SQLException, IOException {
        for (int from = 0; from < rows.size(); from += CHUNK_ROWS) {
            StringBuilder csv = new StringBuilder();
            CSVPrinter out = new CSVPrinter(csv, CSVFormat.POSTGRESQL_CSV);
            for (T row : rows.subList(from, Math.min(rows.size(), from + CHUNK_ROWS))) {
                csv.append(tag).append(',');
                printer.print(out, row);
            }
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("copy " + table + " from stdin (format csv)", new StringReader(csv.toString()));
        }
    }

    private static void usageRow(CSVPrinter out, StagedUsage row) throws IOException {
        out.printRecord(
                Instant.ofEpochSecond(row.hourSeconds()),
                row.keyId(),
                row.route(),
                row.outcome(),
                row.requests(),
                row.units(),
                row.bytesIn(),
                row.bytesOut(),
                row.durationMicros());
    }

    private static void segmentRow(CSVPrinter out, StagedSegment row) throws IOException {
        segmentCells(out, row.segment());
        out.printRecord(
                row.quarantine().because().isEmpty() ? "counted" : "quarantined",
                row.quarantine().because().orElse(null),
                row.counted(),
                row.rejected());
    }

    /** The record goes on behind them. */
    private static void segmentCells(CSVPrinter out, SegmentKey segment) throws IOException {
        out.print(segment.edge());
        out.print(segment.epoch());
        out.print(segment.stream());
        out.print(segment.number());
    }

    private static void rejectRow(CSVPrinter out, StagedReject row) throws IOException {
        segmentCells(out, row.segment());
        out.printRecord(row.file(), row.line(), row.bytePosition(), row.bytes(), row.reason());
    }
}
