package io.counterfoil.schedules.home;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the server's log says about a start that failed. */
final class ServerLog {
    private static final int TAIL_BYTES = 1 << 16;
    // Where the complaint begins: before it stand the time and the process, after pg_ctl's dots.
    private static final Pattern COMPLAINT = Pattern.compile("(FATAL|PANIC|ERROR|error|unshare): .*");
    private static final Pattern DETAIL = Pattern.compile("DETAIL: .*");
    // pg_ctl's own words follow the server's and only point to them.
    private static final Pattern POINTER = Pattern.compile("^pg_ctl:|^Examine the log|^at |^waiting for server");

    private ServerLog() {}

    /** The last complaint past this byte with its detail, else the last line; empty where nothing was written or can be read. */
    static Optional<String> lastComplaint(Path log, long from) {
        List<String> lines;
        try {
            lines = tail(log, from);
        } catch (IOException e) {
            return Optional.empty();
        }
        String complaint = "";
        String last = "";
        for (String line : lines) {
            Matcher begins = COMPLAINT.matcher(line);
            Matcher details = DETAIL.matcher(line);
            if (begins.find()) {
                complaint = begins.group();
            } else if (details.find() && !complaint.isEmpty()) {
                complaint += "; " + details.group();
            } else if (!POINTER.matcher(line).find()) {
                last = line;
            }
        }
        return Stream.of(complaint, last).filter(text -> !text.isEmpty()).findFirst();
    }

    private static List<String> tail(Path log, long from) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long start = Math.max(from, file.length() - TAIL_BYTES);
            byte[] bytes = new byte[(int) Math.max(0, file.length() - start)];
            file.seek(start);
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
        }
    }
}
