package io.counterfoil.jobs.imports;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;

/** A combined log as a server writes it and logrotate rotates it; each line's bytes are its number. */
final class WrittenLog {
    private static final int HALF = 2;
    private static final LocalDateTime START = LocalDateTime.of(2026, 10, 1, 10, 0);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss", Locale.ROOT);

    private final Path live;
    private final List<String> written = new ArrayList<>();
    private String user = "bob";
    private String unfinished = "";
    private boolean sameFirstLine;
    private long inLive;
    private int compressed;

    WrittenLog(Path folder) {
        this.live = folder.resolve("access.log");
    }

    Path live() {
        return live;
    }

    /** The numbers of the lines that were finished. */
    List<String> written() {
        return Collections.unmodifiableList(written);
    }

    void as(String name) {
        user = name;
    }

    void beginFilesWithTheSameLine(boolean same) {
        sameFirstLine = same;
    }

    /** How long so many lines from the first on are. */
    long bytesOf(int lines) {
        return written.subList(0, lines).stream()
                .mapToLong(number -> line("bob", number).length())
                .sum();
    }

    void write(int lines) throws IOException {
        for (int i = 0; i < lines; i++) {
            String line = next();
            append(live, line.substring(unfinished.length()));
            unfinished = "";
            inLive++;
        }
    }

    void writeTo(Path file, int lines) throws IOException {
        for (int i = 0; i < lines; i++) {
            append(file, next());
        }
    }

    /** A part of the next line. */
    void writeUnterminated() throws IOException {
        if (unfinished.isEmpty()) {
            unfinished = peek().substring(0, 20);
            append(live, unfinished);
        }
    }

    private String next() {
        String line = peek();
        written.add(line.strip().replaceAll(".* ", ""));
        return line;
    }

    private String peek() {
        boolean same = sameFirstLine && inLive < 2;
        return line(user, same ? "0" : Integer.toString(written.size() + 1));
    }

    /** Each at a time of its own. */
    static String line(String user, String bytes) {
        String time = START.plusSeconds(Long.parseLong(bytes)).format(TIME);
        return "192.0.2.1 - " + user + " [" + time + " +0000] \"GET / HTTP/1.1\" 200 " + bytes + "\n";
    }

    private static void append(Path file, String text) throws IOException {
        Files.write(
                file,
                text.getBytes(StandardCharsets.UTF_8),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.APPEND);
    }

    /** To a new file, as after the server was told to reopen it. */
    void rename() throws IOException {
        if (Files.exists(live)) {
            finish();
            renameOnly();
        }
        Files.createFile(live);
        inLive = 0;
    }

    Path renameOnly() throws IOException {
        shift();
        return Files.move(live, rotated(1));
    }

    /** A line that was begun is ended before the file is another. */
    private void finish() throws IOException {
        if (!unfinished.isEmpty()) {
            write(1);
        }
    }

    void copyHalf() throws IOException {
        if (Files.exists(live)) {
            finish();
            shift();
            byte[] all = Files.readAllBytes(live);
            Files.write(rotated(1), Arrays.copyOf(all, all.length / HALF));
        }
    }

    void copy() throws IOException {
        if (Files.exists(live)) {
            Files.write(rotated(1), Files.readAllBytes(live));
        }
    }

    void truncate() throws IOException {
        Files.newByteChannel(live, StandardOpenOption.CREATE, StandardOpenOption.WRITE)
                .truncate(0)
                .close();
        inLive = 0;
    }

    private Path rotated(int number) {
        return live.resolveSibling("access.log." + number);
    }

    /** Makes place for the next one. */
    private void shift() throws IOException {
        int last = 1;
        while (Files.exists(rotated(last)) || Files.exists(gzip(rotated(last)))) {
            last++;
        }
        for (int i = last - 1; i > 0; i--) {
            Files.deleteIfExists(Files.exists(rotated(i)) ? gzip(rotated(i)) : live.resolveSibling("none"));
            Path from = Files.exists(rotated(i)) ? rotated(i) : gzip(rotated(i));
            Path to = Files.exists(rotated(i)) ? rotated(i + 1) : gzip(rotated(i + 1));
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static Path gzip(Path file) {
        return file.resolveSibling(file.getFileName() + ".gz");
    }

    /** Compresses the oldest that is not. */
    void compress() throws IOException {
        Path file = oldestPlain();
        if (Files.exists(file)) {
            Files.write(gzip(file), compressed(file));
            Files.delete(file);
        }
    }

    void compressHalf() throws IOException {
        Path file = oldestPlain();
        if (Files.exists(file)) {
            byte[] whole = compressed(file);
            Files.write(gzip(file), Arrays.copyOf(whole, whole.length / HALF));
        }
    }

    private Path oldestPlain() {
        compressed = 1;
        for (int i = 1; Files.exists(rotated(i)) || Files.exists(gzip(rotated(i))); i++) {
            compressed = Files.exists(rotated(i)) ? i : compressed;
        }
        return rotated(compressed);
    }

    private static byte[] compressed(Path file) throws IOException {
        java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(Files.readAllBytes(file));
        }
        return bytes.toByteArray();
    }
}
