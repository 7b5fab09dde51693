package io.counterfoil.accesslog.collected;

import io.counterfoil.accesslog.collected.CollectedBatch.CollectedRecord;
import io.counterfoil.accesslog.collected.CollectedBatch.Reject;
import io.counterfoil.accesslog.record.RecordEncoder;
import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.SegmentId;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The active segment of a source: line 1 as in every segment, then group after group, each whole or not there:
 *
 * <pre>
 * 17,1764140000123000,4,…                       the group's records, as they will stand in the segment
 * #reject LINE BYTES REASON                     lines of the batch that are none
 * #held {"id":…,"key":…,…}                      records whose key nobody knows yet
 * #released ID                                  of an earlier group's, that stand among this group's records
 * #batch INSTANCE NUMBER SKEW_US CRC            what makes the group count; INSTANCE is - where it releases only
 * </pre>
 *
 * <p>CRC is CRC-32C over the segment's name and the group up to it, in eight hex digits. Not thread-safe.
 */
final class Journal implements Closeable {
    static final String REJECT = "#reject ";
    static final String HELD = "#held ";
    static final String RELEASED = "#released ";
    static final String BATCH = "#batch ";
    static final String NO_INSTANCE = "-";

    /** Makes what was written to a file outlast the machine. Tests put one in its place that fails. */
    @FunctionalInterface
    interface Force {
        /** The real one. */
        Force REAL = file -> file.force(false);

        void of(FileChannel file) throws IOException;
    }

    private final SegmentId id;
    private final Force force;
    private final Path file;
    private final FileChannel channel;
    private final long firstSeq;
    private final RecordEncoder encoder = new RecordEncoder();
    private final ByteArrayOutputStream group = new ByteArrayOutputStream(64 << 10);
    private long lastSeq;
    private long groupSeq;
    private long bytes;
    private long forcedBytes;
    private boolean broken;

    private Journal(SegmentId id, Path file, FileChannel channel, long firstSeq, Force force) {
        this.force = force;
        this.id = id;
        this.file = file;
        this.channel = channel;
        this.firstSeq = firstSeq;
        this.lastSeq = firstSeq - 1;
        encoder.begin(id);
    }

    /** Begins a segment; its folder is synced by whoever made it. */
    static Journal create(SegmentId id, Path file, long firstSeq, Force force) throws IOException {
        FileChannel channel = FileChannel.open(
                file, StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
        Journal journal = new Journal(id, file, channel, firstSeq, force);
        try {
            journal.write(RecordFormat.header(id));
            journal.force();
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
        return journal;
    }

    SegmentId id() {
        return id;
    }

    long firstSeq() {
        return firstSeq;
    }

    Path file() {
        return file;
    }

    /** Of whole groups, in bytes. */
    long bytes() {
        return bytes;
    }

    /** Of groups that outlast the machine, in bytes. */
    long forcedBytes() {
        return forcedBytes;
    }

    /** Whether half a group stands at its end, and stays: nothing may follow. */
    boolean isBroken() {
        return broken;
    }

    boolean isEmpty() {
        return bytes == RecordFormat.header(id).length;
    }

    void begin() {
        group.reset();
        groupSeq = lastSeq;
    }

    void record(CollectedRecord record, long keyId) {
        int length =
                encoder.encode(++groupSeq, record.tsMicros(), record.facts().withKeyId(keyId));
        group.write(encoder.line(), 0, length);
    }

    void held(HeldRecord record) {
        line(HELD + record.toJson());
    }

    void released(HeldRecord record) {
        line(RELEASED + record.id());
    }

    void reject(Reject reject) {
        line(REJECT + reject.line() + " " + reject.bytes() + " " + reject.reason());
    }

    /** Appends the group as one batch's. */
    void commit(BatchId batch, long skewMicros) throws IOException {
        commit(BATCH + batch.instance() + " " + batch.number() + " " + skewMicros + " ");
    }

    /** Appends the group as nobody's batch. */
    void commit() throws IOException {
        commit(BATCH + NO_INSTANCE + " 0 0 ");
    }

    private void commit(String end) throws IOException {
        group.writeBytes(end.getBytes(StandardCharsets.US_ASCII));
        line(crc(id, group.toByteArray(), 0, group.size()));
        try {
            write(group.toByteArray());
        } catch (IOException e) {
            // The next group is not to stand behind half of this one.
            broken = true;
            channel.truncate(bytes);
            channel.position(bytes);
            broken = false;
            throw e;
        }
        lastSeq = groupSeq;
    }

    private void line(String text) {
        group.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        group.write('\n');
    }

    private void write(byte[] all) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(all);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        bytes += all.length;
    }

    /** What of the file was forced, for {@link JournalContent}. */
    byte[] readForced() throws IOException {
        byte[] all = Files.readAllBytes(file);
        return Arrays.copyOf(all, (int) Math.min(all.length, forcedBytes));
    }

    /** Makes all groups outlast the machine. A call that failed proves nothing about a later one: never repeat it. */
    void force() throws IOException {
        force.of(channel);
        forcedBytes = bytes;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    static String crc(SegmentId id, byte[] bytes, int from, int to) {
        CRC32C crc = new CRC32C();
        byte[] salt = RecordFormat.salt(id);
        crc.update(salt, 0, salt.length);
        crc.update(bytes, from, to - from);
        String hex = Long.toHexString(crc.getValue());
        return "0".repeat(8 - hex.length()) + hex;
    }

    /** What the names of a source's journals look like. */
    static String name(long number) {
        return "journal-" + number;
    }

    /** The numbers of journals among file names, in order. */
    static List<Long> numbers(List<String> names) {
        return names.stream()
                .filter(name -> name.matches("journal-\\d{1,18}"))
                .map(name -> Long.parseLong(name.substring("journal-".length())))
                .sorted()
                .toList();
    }
}
