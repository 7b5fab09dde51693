package io.counterfoil.edge.snapshot;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.edge.snapshot.DigestedOutput.Digested;
import io.counterfoil.sql.OperatorException;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The last good snapshot on disk, so that an edge starts while the database is down. It holds hashes of keys, never a key.
 *
 * <pre>
 * "CFSNAP3\n" | the database's identity, 36 characters | {@link SnapshotRecord}s
 * </pre>
 *
 * <p>Written whole it is one record a table, the oldest first and with version 0 up to the last; it takes the file's place at once.
 * A change is appended as one more record, synced before it is in use: a record that the process died over was never in use, and is
 * cut. One that the machine died over may have its length and not its bytes: that is corrupt, as any other wrong byte is, since it
 * cannot be told from a record that was in use. Every digest covers the whole file before it. Only the owner may read it: a hash of
 * a key that is easily guessed is as good as the key. Not thread-safe.
 */
final class SnapshotFile {
    private static final byte[] MAGIC = "CFSNAP3\n".getBytes(StandardCharsets.US_ASCII);
    private static final int IDENTITY_BYTES = 36;
    /** Appended changes may come to so much and half of what was written whole before all is written anew. */
    private static final long FREE_APPENDED_BYTES = 1 << 20;
    /** A change of so many secrets is no small one any more. */
    private static final int LARGE_CHANGE = 50_000;

    private static final Set<OpenOption> NEW = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    private static final FileAttribute<?>[] OWNER_ONLY =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                    ? new FileAttribute<?>[] {
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                    }
                    : new FileAttribute<?>[0];

    private final Path file;
    private MessageDigest sha256 = Digests.sha256();
    private long wholeBytes;
    /** Where the next change goes; 0 where the file is to be written whole. */
    private long end;

    SnapshotFile(Path dataFolder) {
        file = dataFolder.resolve("snapshot.bin");
    }

    boolean exists() {
        return Files.exists(file);
    }

    /** When something was last kept. */
    Instant keptAt() throws IOException {
        return Files.getLastModifiedTime(file).toInstant();
    }

    /** Keeps a snapshot that came about by a change to what the file holds. On return it outlasts power loss. */
    void keep(Snapshot next, SnapshotChange change) throws IOException {
        boolean small = end > 0
                && !change.whole()
                && change.keys().size() <= LARGE_CHANGE
                && end - wholeBytes < FREE_APPENDED_BYTES + wholeBytes / 2;
        if (small) {
            append(change);
        } else {
            write(next);
        }
    }

    /** Puts the snapshot in the file's place. */
    void write(Snapshot snapshot) throws IOException {
        end = 0;
        Path temporary = file.resolveSibling(".snapshot.bin.tmp");
        sha256 = Digests.sha256();
        Files.deleteIfExists(temporary);
        try (FileChannel channel = FileChannel.open(temporary, NEW, OWNER_ONLY)) {
            DigestedOutput out = new DigestedOutput(channel, sha256);
            out.put(MAGIC);
            out.put(snapshot.database().getBytes(StandardCharsets.US_ASCII));
            KeyLayers keys = snapshot.keys();
            LimitChanges limits = new LimitChanges(
                    kept(snapshot.limits().limits()),
                    kept(snapshot.limits().overrides()),
                    kept(snapshot.flags().all()));
            for (int i = keys.tableCount() - 1; i >= 0; i--) {
                boolean whole = i == keys.tableCount() - 1;
                SnapshotRecord.write(
                        out,
                        i == 0 ? snapshot.version() : 0,
                        whole,
                        keys.table(i),
                        i == 0 ? limits : LimitChanges.NONE);
            }
            out.flush();
            channel.force(true);
            wholeBytes = channel.position();
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        DurableFiles.syncFolder(file.toAbsolutePath().getParent());
        end = wholeBytes;
    }

    private static <T> List<LimitChanges.Change<T>> kept(Collection<T> values) {
        return values.stream()
                .map(value -> new LimitChanges.Change<>(value, false))
                .toList();
    }

    private void append(SnapshotChange change) throws IOException {
        long from = end;
        // Until it is synced, nobody knows what stands behind the last record.
        end = 0;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(from);
            channel.position(from);
            DigestedOutput out = new DigestedOutput(channel, sha256);
            SnapshotRecord.write(out, change.version(), false, change.keys(), change.limits());
            out.flush();
            channel.force(true);
            end = channel.position();
        }
    }

    /**
     * The snapshot; empty where none was ever written.
     *
     * @param now for what ended long before
     * @throws OperatorException category CORRUPT where the file is not what was written
     */
    Optional<Snapshot> read(Instant now) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            DigestedInput in = new DigestedInput(channel, Digests.sha256());
            return Optional.of(read(in, channel.size(), now));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (EOFException e) {
            throw corrupt("it " + e.getMessage() + ", within a record");
        }
    }

    private Snapshot read(DigestedInput in, long size, Instant now) throws IOException {
        if (!Arrays.equals(MAGIC, in.get(new byte[MAGIC.length], MAGIC.length))) {
            throw corrupt("it does not begin as one of this version does");
        }
        String database = new String(in.get(new byte[IDENTITY_BYTES], IDENTITY_BYTES), StandardCharsets.US_ASCII);
        Snapshot snapshot = Snapshot.EMPTY;
        while (snapshot.version() == 0 || in.position() < size) {
            long at = in.position();
            if (snapshot.version() > 0 && isTorn(in, size)) {
                break;
            }
            SnapshotRecord.Head head = head(in, at);
            boolean torn = size - in.position() < head.bodyBytes() + SnapshotRecord.DIGEST_BYTES;
            if (torn && snapshot.version() > 0) {
                break;
            }
            snapshot = snapshot.with(change(in, head, database, at), now);
            end = in.position();
            wholeBytes = head.whole() || wholeBytes == 0 ? end : wholeBytes;
            sha256 = Digested.copy(in.sha256());
        }
        return snapshot;
    }

    /** Too short for a head. */
    private static boolean isTorn(DigestedInput in, long size) {
        return size - in.position() < SnapshotRecord.Head.BYTES;
    }

    private SnapshotRecord.Head head(DigestedInput in, long at) throws IOException {
        byte[] bytes = in.get(new byte[SnapshotRecord.Head.BYTES], SnapshotRecord.Head.BYTES);
        SnapshotRecord.Head head = SnapshotRecord.Head.parse(bytes);
        if (head == null) {
            throw corrupt("the head of the record at byte " + at + " is not what was written");
        }
        return head;
    }

    private SnapshotChange change(DigestedInput in, SnapshotRecord.Head head, String database, long at)
            throws IOException {
        try {
            KeyTable keys = SnapshotRecord.keys(in, head);
            byte[] limits = in.get(new byte[Math.toIntExact(head.limitBytes())], Math.toIntExact(head.limitBytes()));
            if (!in.digestMatches()) {
                throw corrupt("the SHA-256 of the record at byte " + at + " is not the one at its end");
            }
            return new SnapshotChange(database, head.version(), head.whole(), keys, LimitCode.changes(limits));
        } catch (SnapshotRefusedException e) {
            throw corrupt("the record at byte " + at + ": " + e.getMessage());
        }
    }

    private OperatorException corrupt(String reason) {
        return OperatorException.corrupt("snapshot file " + file + " is corrupt: " + reason
                + "; start with the database up, and it is loaded anew");
    }
}
