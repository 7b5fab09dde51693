package io.counterfoil.accesslog.collected;

import io.counterfoil.accesslog.file.DurableFiles;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Records of a source whose key nobody knows yet: a key that its owner gave out before telling. In a file that is replaced with each
 * segment that changes them: {@code through NUMBER}, then one a line.
 */
final class HeldRecords {
    /** More wait for nobody: they become rejects. */
    static final int MAX = 50_000;

    private static final String THROUGH = "through ";

    private final Path file;
    private final Map<String, HeldRecord> byId = new LinkedHashMap<>();
    /** Of these, what the file holds. */
    private long through;

    private HeldRecords(Path file) {
        this.file = file;
    }

    static HeldRecords open(Path file) throws IOException {
        HeldRecords records = new HeldRecords(file);
        if (Files.exists(file)) {
            List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
            if (lines.isEmpty() || !lines.get(0).matches(THROUGH + "\\d{1,18}")) {
                throw new IOException(file + " does not begin with '" + THROUGH + "NUMBER'");
            }
            records.through = Long.parseLong(lines.get(0).substring(THROUGH.length()));
            for (String line : lines.subList(1, lines.size())) {
                records.add(HeldRecord.parse(line));
            }
        }
        return records;
    }

    int size() {
        return byId.size();
    }

    Collection<HeldRecord> all() {
        return List.copyOf(byId.values());
    }

    /** Whose keys are waited for. */
    Set<String> keys() {
        return byId.values().stream().map(HeldRecord::keySha256).collect(Collectors.toSet());
    }

    void add(HeldRecord record) {
        byId.put(record.id(), record);
    }

    void remove(String id) {
        byId.remove(id);
    }

    /** Whether the file holds what a segment changed. */
    boolean knows(long number) {
        return number <= through;
    }

    /** Makes the records outlast the journal of that segment, which was the last to change them. */
    void keep(long number) throws IOException {
        StringBuilder text = new StringBuilder(THROUGH).append(number).append('\n');
        byId.values().forEach(record -> text.append(record.toJson()).append('\n'));
        DurableFiles.replace(file, text.toString().getBytes(StandardCharsets.UTF_8));
        through = number;
    }
}
