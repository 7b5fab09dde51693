package io.counterfoil.accesslog.collected;

import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.accesslog.seal.CollectedRange.Batches;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which batches of a source were taken. In a file of lines {@code INSTANCE FIRST LAST UNIX_SECONDS}, appended to and forced with each
 * segment, before its journal goes, and written anew when it has grown; what the active journal holds is told of by it. Instances
 * that posted nothing for 15 days are forgotten (a queue retries for 14 at the most), and before that those that were silent for
 * longest, where there are too many: the rollup still counts no such batch again.
 */
final class Identities {
    static final int MAX_INSTANCES = 100_000;
    /** Of one instance: numbers that are no count, the time for one, make a run each; a queue that shuffles a backlog makes thousands. */
    static final int MAX_RUNS = 20_000;

    private static final Duration FORGOTTEN_AFTER = Duration.ofDays(15);
    private static final long SMALL_BYTES = 1 << 20;
    private static final int GROWTH = 4;
    private static final Pattern LINE = Pattern.compile("(\\S+) (\\d{1,16}) (\\d{1,16}) (\\d{1,12})");

    private final Path file;
    private final Map<String, Instance> byName = new HashMap<>();
    private long bytes;
    private long rewrittenBytes;

    private static final class Instance {
        private final NumberRanges numbers = new NumberRanges();
        private long lastSeconds;
    }

    private Identities(Path file) {
        this.file = file;
    }

    /** Reads the file and writes it anew. A last line that was cut short belongs to a journal that is still there. */
    static Identities open(Path file, Instant now) throws IOException {
        Identities identities = new Identities(file);
        if (Files.exists(file)) {
            try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.US_ASCII)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    Matcher matcher = LINE.matcher(line);
                    if (matcher.matches()) {
                        identities.add(
                                matcher.group(1),
                                Long.parseLong(matcher.group(2)),
                                Long.parseLong(matcher.group(3)),
                                Instant.ofEpochSecond(Long.parseLong(matcher.group(4))));
                    }
                }
            }
        }
        identities.rewrite(now);
        return identities;
    }

    boolean contains(BatchId id) {
        Instance instance = byName.get(id.instance());
        return instance != null && instance.numbers.contains(id.number());
    }

    /** Whether the batch would make one more hole in its instance's numbers than are kept; what fills one is always welcome. */
    boolean isScattered(BatchId id) {
        Instance instance = byName.get(id.instance());
        return instance != null && instance.numbers.size() >= MAX_RUNS && instance.numbers.isApart(id.number());
    }

    void add(String name, long first, long last, Instant at) {
        Instance instance = byName.computeIfAbsent(name, each -> new Instance());
        instance.numbers.add(first, last);
        instance.lastSeconds = Math.max(instance.lastSeconds, at.getEpochSecond());
    }

    void remove(BatchId id) {
        Instance instance = byName.get(id.instance());
        if (instance != null) {
            instance.numbers.remove(id.number());
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
            ByteBuffer all = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.US_ASCII));
            bytes += all.remaining();
            while (all.hasRemaining()) {
                channel.write(all);
            }
            channel.force(true);
        }
        if (bytes > Math.max(SMALL_BYTES, rewrittenBytes * GROWTH) || byName.size() > MAX_INSTANCES) {
            rewrite(at);
        }
    }

    /** Without what is forgotten; all that is known stands in the file then, what the active journal holds too. */
    private void rewrite(Instant now) throws IOException {
        long from = now.minus(FORGOTTEN_AFTER).getEpochSecond();
        byName.values().removeIf(instance -> instance.lastSeconds < from || instance.numbers.size() == 0);
        if (byName.size() > MAX_INSTANCES) {
            byName.entrySet().stream()
                    .sorted(Comparator.comparingLong(each -> each.getValue().lastSeconds))
                    .limit(byName.size() - MAX_INSTANCES * 9L / 10)
                    .map(Map.Entry::getKey)
                    .toList()
                    .forEach(byName::remove);
        }
        StringBuilder text = new StringBuilder();
        byName.forEach((name, instance) ->
                instance.numbers.forEach((first, last) -> text.append(line(name, first, last, instance.lastSeconds))));
        DurableFiles.replace(file, text.toString().getBytes(StandardCharsets.US_ASCII));
        bytes = text.length();
        rewrittenBytes = bytes;
    }

    private static String line(String instance, long first, long last, long seconds) {
        return instance + " " + first + " " + last + " " + seconds + "\n";
    }
}
