package io.counterfoil.accesslog.collected;

import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.accesslog.seal.CollectedRange.Batches;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which batches of a source were taken. In a file of lines {@code INSTANCE FIRST LAST UNIX_SECONDS}, appended to and forced with each
 * segment, before its journal goes; what the active journal holds is told of by it. Instances that posted nothing for 35 days are
 * forgotten at a start: a queue retries for 14 at the most, and the database would still refuse to count such a batch again.
 */
final class Identities {
    private static final Duration FORGOTTEN_AFTER = Duration.ofDays(35);
    private static final Pattern LINE = Pattern.compile("(\\S+) (\\d{1,16}) (\\d{1,16}) (\\d{1,12})");

    private final Path file;
    private final Map<String, NumberRanges> byInstance = new HashMap<>();

    private Identities(Path file) {
        this.file = file;
    }

    /** Reads the file and writes it anew, shorter. A last line that was cut short belongs to a journal that is still there. */
    static Identities open(Path file, Instant now) throws IOException {
        Identities identities = new Identities(file);
        Map<String, Long> lastSeen = new HashMap<>();
        if (Files.exists(file)) {
            String text = Files.readString(file, StandardCharsets.US_ASCII);
            for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n", -1)) {
                Matcher matcher = LINE.matcher(line);
                if (matcher.matches()) {
                    identities.add(
                            matcher.group(1), Long.parseLong(matcher.group(2)), Long.parseLong(matcher.group(3)));
                    lastSeen.merge(matcher.group(1), Long.parseLong(matcher.group(4)), Math::max);
                }
            }
        }
        long from = now.minus(FORGOTTEN_AFTER).getEpochSecond();
        StringBuilder text = new StringBuilder();
        lastSeen.forEach((instance, seconds) -> {
            if (seconds < from) {
                identities.byInstance.remove(instance);
            } else {
                identities
                        .byInstance
                        .get(instance)
                        .runs()
                        .forEach((first, last) -> text.append(line(instance, first, last, seconds)));
            }
        });
        DurableFiles.replace(file, text.toString().getBytes(StandardCharsets.US_ASCII));
        return identities;
    }

    boolean contains(BatchId id) {
        NumberRanges numbers = byInstance.get(id.instance());
        return numbers != null && numbers.contains(id.number());
    }

    void add(String instance, long first, long last) {
        byInstance.computeIfAbsent(instance, name -> new NumberRanges()).add(first, last);
    }

    void remove(BatchId id) {
        NumberRanges numbers = byInstance.get(id.instance());
        if (numbers != null) {
            numbers.remove(id.number());
        }
    }

    /** Makes the batches of a segment outlast its journal. Again does no harm. */
    void keep(List<Batches> batches, Instant at) throws IOException {
        if (batches.isEmpty()) {
            return;
        }
        // What an append before it left of a line, when the disk was full, is a line of its own.
        StringBuilder text = new StringBuilder("\n");
        for (Batches run : batches) {
            text.append(line(run.instance(), run.first(), run.last(), at.getEpochSecond()));
        }
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.WRITE, StandardOpenOption.APPEND, StandardOpenOption.CREATE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    private static String line(String instance, long first, long last, long seconds) {
        return instance + " " + first + " " + last + " " + seconds + "\n";
    }
}
