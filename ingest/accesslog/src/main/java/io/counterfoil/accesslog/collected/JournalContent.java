package io.counterfoil.accesslog.collected;

import io.counterfoil.accesslog.record.CorruptRecordException;
import io.counterfoil.accesslog.record.RecordCursor;
import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.seal.CollectedRange.Batches;
import io.counterfoil.accesslog.seal.RecordRange;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A journal read back: its whole groups, up to the first that is none. */
final class JournalContent {
    private final int bytes;
    private final byte[] csv;
    private final RecordRange records;
    private final Reading reading;
    private final List<Batches> batches = new ArrayList<>();

    private JournalContent(int bytes, byte[] csv, RecordRange records, Reading reading) {
        this.bytes = bytes;
        this.csv = csv;
        this.records = records;
        this.reading = reading;
        reading.batches.forEach((instance, numbers) ->
                numbers.runs().forEach((first, last) -> batches.add(new Batches(instance, first, last))));
    }

    /**
     * A reject with its place.
     *
     * @param line of its batch, from 1
     * @param position in the journal
     * @param bytes the line's length as it was posted
     */
    record RejectedLine(long line, int position, long bytes, String reason) {
        RejectedLine because(String other) {
            return new RejectedLine(line, position, bytes, other);
        }
    }

    /**
     * Reads it.
     *
     * @param firstSeq of its first record
     * @throws IOException where a whole group holds what no journal writes
     */
    static JournalContent of(SegmentId id, byte[] file, long firstSeq) throws IOException {
        return new Reading(id, file).read(firstSeq);
    }

    /** Of the whole groups, line 1 included; 0 where not even that is there. */
    int bytes() {
        return bytes;
    }

    /** The segment. */
    byte[] csv() {
        return csv;
    }

    RecordRange records() {
        return records;
    }

    List<RejectedLine> rejects() {
        return reading.rejects;
    }

    /** In runs, by instance. */
    List<Batches> batches() {
        return batches;
    }

    /** The batches' one that is furthest from 0. */
    long skewMicros() {
        return reading.skewMicros;
    }

    List<HeldRecord> held() {
        return reading.held;
    }

    /** Held before, and among the records now. */
    List<String> released() {
        return reading.released;
    }

    boolean isEmpty() {
        return records.count() == 0 && rejects().isEmpty() && batches.isEmpty() && held().isEmpty();
    }

    private static final class Reading {
        private final SegmentId id;
        private final byte[] file;
        private final ByteArrayOutputStream csv = new ByteArrayOutputStream();
        private final List<RejectedLine> rejects = new ArrayList<>();
        private final Map<String, NumberRanges> batches = new TreeMap<>();
        private final List<HeldRecord> held = new ArrayList<>();
        private final List<String> released = new ArrayList<>();
        private long skewMicros;
        /** How many of the rejects say which batch they were of. */
        private int named;

        Reading(SegmentId id, byte[] file) {
            this.id = id;
            this.file = file;
        }

        JournalContent read(long firstSeq) throws IOException {
            byte[] header = RecordFormat.header(id);
            csv.writeBytes(header);
            int end = 0;
            if (file.length >= header.length && Arrays.equals(header, Arrays.copyOf(file, header.length))) {
                end = header.length;
                for (int group = endOfGroup(end); group > 0; group = endOfGroup(end)) {
                    take(end, group);
                    end = group;
                }
            }
            byte[] segment = csv.toByteArray();
            return new JournalContent(end, segment, range(segment, header.length, firstSeq), this);
        }

        /** Behind the group that begins there; -1 where none does, or not whole. */
        private int endOfGroup(int from) {
            byte[] word = Journal.BATCH.getBytes(StandardCharsets.US_ASCII);
            for (int start = from; start < file.length; ) {
                int newline = newline(start);
                if (newline < 0) {
                    return -1;
                }
                if (startsWith(start, word)) {
                    int digits = newline - 8;
                    boolean whole = digits > start
                            && Journal.crc(id, file, from, digits).equals(text(digits, newline));
                    return whole ? newline + 1 : -1;
                }
                start = newline + 1;
            }
            return -1;
        }

        private void take(int from, int to) throws IOException {
            for (int start = from; start < to; ) {
                int newline = newline(start);
                if (file[start] == '#') {
                    take(start, text(start, newline));
                } else {
                    csv.write(file, start, newline + 1 - start);
                }
                start = newline + 1;
            }
        }

        private void take(int position, String line) throws IOException {
            if (line.startsWith(Journal.REJECT)) {
                String[] words = line.split(" ", 4);
                rejects.add(new RejectedLine(Long.parseLong(words[1]), position, Long.parseLong(words[2]), words[3]));
            } else if (line.startsWith(Journal.HELD)) {
                held.add(HeldRecord.parse(line.substring(Journal.HELD.length())));
            } else if (line.startsWith(Journal.RELEASED)) {
                released.add(line.substring(Journal.RELEASED.length()));
            } else if (line.startsWith(Journal.BATCH)) {
                batch(line.split(" ", 5));
            } else {
                throw new IOException("journal of " + id + " holds at byte " + position
                        + " what this version does not write; start the version that wrote it");
            }
        }

        private void batch(String[] words) {
            if (words[1].equals(Journal.NO_INSTANCE)) {
                return;
            }
            long number = Long.parseLong(words[2]);
            batches.computeIfAbsent(words[1], name -> new NumberRanges()).add(number, number);
            long skew = Long.parseLong(words[3]);
            if (Math.abs(skew) > Math.abs(skewMicros)) {
                skewMicros = skew;
            }
            String name = "batch " + words[1] + "/" + number + ": ";
            rejects.subList(named, rejects.size()).replaceAll(reject -> reject.because(name + reject.reason()));
            named = rejects.size();
        }

        private RecordRange range(byte[] segment, int from, long firstSeq) throws IOException {
            RecordCursor cursor = new RecordCursor(id, segment, from, segment.length);
            long count = 0;
            long first = Long.MAX_VALUE;
            long last = 0;
            try {
                while (cursor.next()) {
                    if (cursor.seq() != firstSeq + count) {
                        throw new IOException(
                                "journal of " + id + " has seq " + cursor.seq() + ", expected " + (firstSeq + count));
                    }
                    first = Math.min(first, cursor.tsMicros());
                    last = Math.max(last, cursor.tsMicros());
                    count++;
                }
            } catch (CorruptRecordException e) {
                throw new IOException("journal of " + id + ": " + e.getMessage(), e);
            }
            return count == 0
                    ? RecordRange.empty(firstSeq)
                    : new RecordRange(count, firstSeq, firstSeq + count - 1, first, last);
        }

        private int newline(int from) {
            int at = from;
            while (at < file.length && file[at] != '\n') {
                at++;
            }
            return at < file.length ? at : -1;
        }

        private boolean startsWith(int at, byte[] word) {
            return at + word.length <= file.length && Arrays.equals(file, at, at + word.length, word, 0, word.length);
        }

        private String text(int from, int to) {
            return new String(file, from, to - from, StandardCharsets.UTF_8);
        }
    }
}
