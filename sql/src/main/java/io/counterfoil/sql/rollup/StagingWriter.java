package io.counterfoil.sql.rollup;

import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyOutputStream;

import javax.sql.DataSource;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Collectors;

/** Copies one task attempt's rows into staging, tagged with batch, partition and attempt, in one transaction. */
public final class StagingWriter {
    private static final int BUFFER_BYTES = 64 << 10;

    private final DataSource source;

    public StagingWriter(DataSource source) {
        this.source = source;
    }

    /** Gives its usage rows one after the other. */
    @FunctionalInterface
    public interface UsageRows {
        void giveTo(UsageOut out) throws IOException;
    }

    /** Takes usage rows. */
    @FunctionalInterface
    public interface UsageOut {
        /**
         * @param hourSeconds the UTC hour's start, seconds since 1970
         * @param sums from {@code at} on requests, units, bytes in, bytes out, duration in microseconds
         */
        void row(long hourSeconds, long keyId, String route, String outcome, long[] sums, int at) throws IOException;
    }

    public StagedAttempt write(
            long batch,
            int part,
            long attempt,
            UsageRows usage,
            List<StagedSegment> segments,
            List<StagedReject> rejects)
            throws SQLException, IOException {
        String tag = batch + "," + part + "," + attempt + ",";
        StagedUsage staged = new StagedUsage(tag);
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            copy(connection, "staged_usage", out -> {
                staged.out = out;
                usage.giveTo(staged);
            });
            copy(connection, "staged_segment", out -> printAll(out, tag, segments, StagingWriter::segmentRow));
            copy(connection, "staged_reject", out -> printAll(out, tag, rejects, StagingWriter::rejectRow));
            connection.commit();
        }
        return new StagedAttempt(part, attempt, staged.rows, segments.size(), rejects.size(), staged.sums());
    }

    private interface Rows {
        void writeTo(Writer out) throws IOException;
    }

    private static void copy(Connection connection, String table, Rows rows) throws SQLException, IOException {
        try (Writer out = new OutputStreamWriter(
                new PGCopyOutputStream(
                        connection.unwrap(PGConnection.class),
                        "copy " + table + " from stdin (format csv)",
                        BUFFER_BYTES),
                StandardCharsets.UTF_8)) {
            rows.writeTo(out);
        }
    }

    /** Prints by hand: names of routes and outcomes need no quotes, and a printer takes as long as all of the counting before. */
    private static final class StagedUsage implements UsageOut {
        private final String tag;
        private final StringBuilder line = new StringBuilder();
        private final long[] totals = new long[5];
        private Writer out = Writer.nullWriter();
        private long rows;
        private long hourSeconds = -1;
        private String hour = "";

        StagedUsage(String tag) {
            this.tag = tag;
        }

        @Override
        public void row(long hourSeconds, long keyId, String route, String outcome, long[] sums, int at)
                throws IOException {
            if (hourSeconds != this.hourSeconds) {
                this.hourSeconds = hourSeconds;
                hour = Instant.ofEpochSecond(hourSeconds).toString();
            }
            line.setLength(0);
            line.append(tag)
                    .append(hour)
                    .append(',')
                    .append(keyId)
                    .append(',')
                    .append(route)
                    .append(',')
                    .append(outcome);
            for (int i = 0; i < totals.length; i++) {
                totals[i] += sums[at + i];
                line.append(',').append(sums[at + i]);
            }
            out.append(line.append('\n'));
            rows++;
        }

        StagedSums sums() {
            return new StagedSums(totals[0], totals[1], totals[2], totals[3], totals[4]);
        }
    }

    private interface RowPrinter<T> {
        void print(CSVPrinter printer, T row) throws IOException;
    }

    private static <T> void printAll(Writer out, String tag, List<T> rows, RowPrinter<T> printer) throws IOException {
        CSVPrinter csv = new CSVPrinter(out, CSVFormat.POSTGRESQL_CSV);
        for (T row : rows) {
            out.write(tag);
            printer.print(csv, row);
        }
        csv.flush();
    }

    private static void segmentRow(CSVPrinter out, StagedSegment row) throws IOException {
        segmentCells(out, row.segment());
        out.printRecord(
                row.quarantine().because().isEmpty() ? "counted" : "quarantined",
                row.quarantine().because().orElse(null),
                row.counted(),
                row.rejected(),
                row.hours().isEmpty() ? null : hours(row.hours()));
    }

    /** As JSON: pairs of an hour and a count. */
    private static String hours(SortedMap<Long, Long> hours) {
        return hours.entrySet().stream()
                .map(hour -> "[" + hour.getKey() + "," + hour.getValue() + "]")
                .collect(Collectors.joining(",", "[", "]"));
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
