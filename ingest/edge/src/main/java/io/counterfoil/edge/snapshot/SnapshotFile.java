package io.counterfoil.edge.snapshot;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.sql.OperatorException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The last good snapshot on disk, so that an edge starts while the database is down. It holds hashes of keys, never a key.
 *
 * <pre>
 * "CFSNAP1\n" | version long | keys int | per key: id long, account long, label UTF, SHA-256 32 bytes
 *   | flags int | per flag: limit long, key long, limit UTF, action UTF, quota long, used long,
 *                 window start, as of, resets at: each seconds long, nanoseconds int
 *   | SHA-256 of everything before it, 32 bytes
 * </pre>
 */
final class SnapshotFile {
    private static final byte[] MAGIC = {'C', 'F', 'S', 'N', 'A', 'P', '1', '\n'};

    private final Path file;

    SnapshotFile(Path dataFolder) {
        file = dataFolder.resolve("snapshot.bin");
    }

    boolean exists() {
        return Files.exists(file);
    }

    /** Replaces the file; it is there whole or not at all. */
    void write(Snapshot snapshot) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(MAGIC);
        out.writeLong(snapshot.version());
        out.writeInt(snapshot.keyCount());
        for (int entry = 0; entry < snapshot.keyCount(); entry++) {
            SnapshotKey key = snapshot.keys().key(entry);
            out.writeLong(key.keyId());
            out.writeLong(key.accountId());
            out.writeUTF(key.label());
            out.write(key.hash().bytes());
        }
        out.writeInt(snapshot.flags().size());
        for (Flag flag : snapshot.flags()) {
            write(out, flag);
        }
        out.write(Digests.sha256().digest(bytes.toByteArray()));
        DurableFiles.replace(file, bytes.toByteArray());
    }

    private static void write(DataOutputStream out, Flag flag) throws IOException {
        out.writeLong(flag.limitId());
        out.writeLong(flag.keyId());
        out.writeUTF(flag.limit());
        out.writeUTF(flag.action().name());
        out.writeLong(flag.quota());
        out.writeLong(flag.used());
        for (Instant instant : List.of(flag.windowStart(), flag.asOf(), flag.resetsAt())) {
            out.writeLong(instant.getEpochSecond());
            out.writeInt(instant.getNano());
        }
    }

    /**
     * The snapshot; empty where none was ever written.
     *
     * @throws OperatorException category CORRUPT where the file is not what was written
     */
    Optional<Snapshot> read() throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        int end = bytes.length - KeyHash.BYTES;
        if (end < MAGIC.length || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw corrupt("it does not begin as one does");
        }
        byte[] body = Arrays.copyOf(bytes, end);
        if (!Arrays.equals(Digests.sha256().digest(body), Arrays.copyOfRange(bytes, end, bytes.length))) {
            throw corrupt("its SHA-256 is not the one at its end");
        }
        return Optional.of(parse(new DataInputStream(new ByteArrayInputStream(body))));
    }

    private static Snapshot parse(DataInputStream in) throws IOException {
        in.skipNBytes(MAGIC.length);
        long version = in.readLong();
        int keyCount = in.readInt();
        List<SnapshotKey> keys = new ArrayList<>(keyCount);
        for (int i = 0; i < keyCount; i++) {
            keys.add(new SnapshotKey(
                    in.readLong(), in.readLong(), in.readUTF(), KeyHash.of(in.readNBytes(KeyHash.BYTES))));
        }
        int flagCount = in.readInt();
        List<Flag> flags = new ArrayList<>(flagCount);
        for (int i = 0; i < flagCount; i++) {
            flags.add(new Flag(
                    in.readLong(),
                    in.readLong(),
                    in.readUTF(),
                    FlagAction.valueOf(in.readUTF()),
                    in.readLong(),
                    in.readLong(),
                    Instant.ofEpochSecond(in.readLong(), in.readInt()),
                    Instant.ofEpochSecond(in.readLong(), in.readInt()),
                    Instant.ofEpochSecond(in.readLong(), in.readInt())));
        }
        return new Snapshot(version, keys, flags);
    }

    private OperatorException corrupt(String reason) {
        return OperatorException.corrupt("snapshot file " + file + " is corrupt: " + reason
                + "; delete it and start again with the database up");
    }
}
