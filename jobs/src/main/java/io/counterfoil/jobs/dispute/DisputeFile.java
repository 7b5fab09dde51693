package io.counterfoil.jobs.dispute;

import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.jobs.export.SpreadsheetText;
import io.counterfoil.sql.OperatorException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;

/** Writes the file: a row at a time, whole or not at all. No text in it is a spreadsheet's formula. */
final class DisputeFile implements AutoCloseable {
    private final Path file;
    private final Path part;
    private final CSVPrinter printer;

    /** @throws OperatorException category INPUT where it cannot be written */
    DisputeFile(Path file) {
        this.file = file;
        this.part = file.resolveSibling(file.getFileName() + ".part");
        try {
            printer = new CSVPrinter(
                    Files.newBufferedWriter(part),
                    CSVFormat.RFC4180.builder().setRecordSeparator('\n').get());
            printer.printRecord(Arrays.stream(Column.values()).map(Column::head));
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private OperatorException unwritable(IOException e) {
        return OperatorException.input("--out " + file + " cannot be written: " + e.getMessage()
                + "; expected a file in a folder that you may write to");
    }

    /** A row that is being filled. */
    final class Row {
        private final EnumMap<Column, String> cells = new EnumMap<>(Column.class);

        Row put(Column column, String text) {
            cells.put(column, text);
            return this;
        }

        Row put(Column column, BigDecimal number) {
            return put(column, number.toPlainString());
        }

        Row put(Column column, long number) {
            return put(column, Long.toString(number));
        }

        Row put(Column column, Instant time) {
            return put(column, time.toString());
        }

        void write() {
            List<String> values = new ArrayList<>(Column.values().length);
            for (Column column : Column.values()) {
                String cell = cells.getOrDefault(column, "");
                values.add(column.isText() ? SpreadsheetText.safe(cell) : cell);
            }
            try {
                printer.printRecord(values);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    Row row(String kind) {
        return new Row().put(Column.ROW, kind);
    }

    /** Puts it in its place. */
    void commit() {
        try {
            printer.close();
            DurableFiles.sync(part);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            DurableFiles.syncFolder(file.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /** Leaves nothing behind that was not committed. */
    @Override
    public void close() {
        try {
            printer.close();
            Files.deleteIfExists(part);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot take away " + part, e);
        }
    }
}
