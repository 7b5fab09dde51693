package io.counterfoil.schedules.cli;

import io.counterfoil.sql.OperatorException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A CSV with a header, in UTF-8, that is taken whole or not at all. Everything that is wrong with it is collected, each with file, line,
 * value and what was expected. An empty cell is no value.
 */
final class SheetFile {
    private static final CSVFormat FORMAT = CSVFormat.RFC4180
            .builder()
            .setHeader()
            .setSkipHeaderRecord(true)
            .setIgnoreEmptyLines(true)
            .get();
    /** As a spreadsheet begins a file in UTF-8 with. */
    private static final int BYTE_ORDER_MARK = 0xFEFF;

    private static final int TOLD = 100;

    private record Fault(long line, String text) {}

    private final Path file;
    private final List<Fault> faults = new ArrayList<>();
    private final List<String> columns = new ArrayList<>();

    SheetFile(Path file) {
        this.file = file;
    }

    /** A row, by its line in the file. */
    record Line(long number, Map<String, String> cells) {
        Optional<String> text(String column) {
            return Optional.ofNullable(cells.get(column)).map(SheetText::read).filter(text -> !text.isEmpty());
        }
    }

    /**
     * Reads all of it.
     *
     * @param required columns that the header must have
     * @param known all that it may have
     * @throws OperatorException category INPUT where there is no such file, or its header is another
     */
    List<Line> read(List<String> required, List<String> known) {
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            skipByteOrderMark(reader);
            try (CSVParser rows = FORMAT.parse(reader)) {
                checkHeader(rows.getHeaderNames(), required, known);
                columns.addAll(rows.getHeaderNames());
                return lines(rows);
            }
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
            throw OperatorException.input(file + " cannot be read: "
                    + (Files.exists(file)
                            ? "it is no CSV in UTF-8 with a header of names that differ"
                            : "it does not exist")
                    + "; expected the columns " + String.join(",", known));
        }
    }

    /** Of a reader at its beginning. */
    static void skipByteOrderMark(BufferedReader reader) throws IOException {
        reader.mark(1);
        if (reader.read() != BYTE_ORDER_MARK) {
            reader.reset();
        }
    }

    /** What stands in line 1 is not shown: where the header is missing, it may be anything. */
    private void checkHeader(List<String> header, List<String> required, List<String> known) {
        List<String> wrong = new ArrayList<>();
        required.stream()
                .filter(column -> !header.contains(column))
                .map(column -> column + " is missing")
                .forEach(wrong::add);
        for (int i = 0; i < header.size(); i++) {
            if (!known.contains(header.get(i))) {
                wrong.add("column " + (i + 1) + " has an unknown name");
            }
        }
        if (!wrong.isEmpty()) {
            throw OperatorException.input(file + ":1: of the header, " + String.join(", ", wrong) + "; expected "
                    + String.join(",", required) + " and any of " + String.join(",", known)
                    + ", with commas between. Nothing was imported");
        }
    }

    private List<Line> lines(CSVParser rows) {
        List<Line> lines = new ArrayList<>();
        Iterator<CSVRecord> records = rows.iterator();
        while (true) {
            // A row may have several lines: the first one is told.
            long number = rows.getCurrentLineNumber() + 1;
            if (!records.hasNext()) {
                return lines;
            }
            CSVRecord row = records.next();
            if (row.size() != columns.size()) {
                faults.add(new Fault(number, "there are " + row.size() + " fields, expected " + columns.size()));
            } else {
                Map<String, String> cells = new HashMap<>();
                for (int i = 0; i < columns.size(); i++) {
                    cells.put(columns.get(i), row.get(i));
                }
                lines.add(new Line(number, cells));
            }
        }
    }

    boolean has(String column) {
        return columns.contains(column);
    }

    /** For messages of what is found later. */
    String where(Line line) {
        return where(line.number());
    }

    private String where(long line) {
        return file + ":" + line;
    }

    /** Notes what is wrong with a cell, and shows it. */
    void fault(Line line, String column, String expected) {
        note(
                line,
                column + " is "
                        + line.text(column).map(text -> "'" + text + "'").orElse("empty") + ", expected " + expected);
    }

    /** Notes what is wrong with a row. */
    void note(Line line, String fault) {
        faults.add(new Fault(line.number(), fault));
    }

    /** @throws OperatorException category INPUT with one line a fault, where there is any */
    void throwIfAny() {
        if (faults.isEmpty()) {
            return;
        }
        faults.sort(Comparator.comparingLong(Fault::line));
        String told = faults.stream()
                .limit(TOLD)
                .map(fault -> where(fault.line()) + ": " + fault.text())
                .collect(Collectors.joining("\n"));
        String more = faults.size() > TOLD ? "\nand " + (faults.size() - TOLD) + " more" : "";
        throw OperatorException.input(
                (faults.size() == 1 ? "" : faults.size() + " faults:\n") + told + more + ". Nothing was imported");
    }
}
