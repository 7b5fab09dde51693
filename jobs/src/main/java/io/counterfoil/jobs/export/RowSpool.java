package io.counterfoil.jobs.export;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.sql.export.UsageSums;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Rows on their way into a file, {@code FILE.part}, that can go on where a run that was killed had come to. {@code FILE.part.log} has a
 * line that says what is exported, and one a {@link Checkpoint}; a checkpoint is written after its rows are on disk. Not
 * thread-safe.
 */
final class RowSpool implements AutoCloseable {
    private static final int BUFFER_BYTES = 256 << 10;

    private final Path file;
    private final Path log;
    private final FileChannel rows;
    private final FileChannel journal;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private MessageDigest digest = Digests.sha256();
    private long bytes;

    private RowSpool(Path file, Path log, FileChannel rows, FileChannel journal) {
        this.file = file;
        this.log = log;
        this.rows = rows;
        this.journal = journal;
    }

    /** The caller has the {@link ExportLock} of the target, until this is closed. */
    static RowSpool open(Path target) throws IOException {
        Path file = target.resolveSibling(target.getFileName() + ".part");
        Path log = target.resolveSibling(target.getFileName() + ".part.log");
        FileChannel rows = channel(file, StandardOpenOption.READ);
        try {
            return new RowSpool(file, log, rows, channel(log));
        } catch (IOException | RuntimeException e) {
            rows.close();
            throw e;
        }
    }

    private static FileChannel channel(Path path, StandardOpenOption... more) throws IOException {
        List<StandardOpenOption> options = new ArrayList<>(List.of(more));
        options.add(StandardOpenOption.CREATE);
        options.add(StandardOpenOption.WRITE);
        return FileChannel.open(path, options.toArray(StandardOpenOption[]::new));
    }

    /** What a run that did not end left of the same export; nothing where it was another one. What is torn is left out. */
    List<Checkpoint> left(String head) throws IOException {
        List<Checkpoint> found = new ArrayList<>();
        List<String> lines =
                Files.readString(log, StandardCharsets.ISO_8859_1).lines().toList();
        if (lines.isEmpty() || !lines.get(0).equals(head)) {
            return found;
        }
        for (String line : lines.subList(1, lines.size())) {
            try {
                found.add(Checkpoint.parse(line));
            } catch (IOException e) {
                break;
            }
        }
        return found;
    }

    /**
     * Goes on behind the last of these; takes away everything else.
     *
     * @return whether the rows up to there are those that were written; else nothing is kept
     */
    boolean keep(String head, List<Checkpoint> kept) throws IOException {
        boolean same = verify(kept);
        List<Checkpoint> stays = same ? kept : List.of();
        bytes = stays.isEmpty() ? 0 : stays.get(stays.size() - 1).bytes();
        if (bytes == 0) {
            digest = Digests.sha256();
        }
        journal.truncate(0);
        rows.truncate(bytes);
        rows.position(bytes);
        rows.force(true);
        StringBuilder lines = new StringBuilder(head).append('\n');
        stays.forEach(each -> lines.append(each.json()).append('\n'));
        note(lines.toString());
        DurableFiles.syncFolder(file.toAbsolutePath().getParent());
        return same;
    }

    private boolean verify(List<Checkpoint> kept) throws IOException {
        rows.position(0);
        long at = 0;
        for (Checkpoint each : kept) {
            while (at < each.bytes()) {
                buffer.clear().limit((int) Math.min(BUFFER_BYTES, each.bytes() - at));
                int read = rows.read(buffer);
                if (read < 0) {
                    buffer.clear();
                    return false;
                }
                digest.update(buffer.flip());
                at += read;
            }
            if (!each.sha256().equals(sha256())) {
                buffer.clear();
                return false;
            }
        }
        buffer.clear();
        return true;
    }

    void append(byte[] row) throws IOException {
        for (int at = 0; at < row.length; ) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int some = Math.min(buffer.remaining(), row.length - at);
            buffer.put(row, at, some);
            at += some;
        }
        bytes += row.length;
    }

    private void flush() throws IOException {
        buffer.flip();
        digest.update(buffer.duplicate());
        while (buffer.hasRemaining()) {
            rows.write(buffer);
        }
        buffer.clear();
    }

    /** Bytes written, those of earlier runs too. */
    long bytes() {
        return bytes;
    }

    /** All hours before that one are appended, and add up to that since the checkpoint before. */
    void checkpoint(Instant to, UsageSums sums) throws IOException {
        flush();
        rows.force(true);
        note(new Checkpoint(to, sums, bytes, sha256()).json() + "\n");
    }

    private void note(String text) throws IOException {
        ByteBuffer line = StandardCharsets.ISO_8859_1.encode(text);
        while (line.hasRemaining()) {
            journal.write(line);
        }
        journal.force(true);
    }

    /** Of everything up to the last checkpoint. */
    WholeFile whole() {
        return new WholeFile(bytes, sha256());
    }

    private String sha256() {
        try {
            return HexFormat.of().formatHex(((MessageDigest) digest.clone()).digest());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("Java's own SHA-256 can be cloned", e);
        }
    }

    Path file() {
        return file;
    }

    /** The rows are in their place. */
    void remove() throws IOException {
        Files.deleteIfExists(file);
        Files.deleteIfExists(log);
        DurableFiles.syncFolder(file.toAbsolutePath().getParent());
    }

    @Override
    public void close() throws IOException {
        journal.close();
        rows.close();
    }
}
