package io.counterfoil.edge.snapshot;

import io.counterfoil.accesslog.file.Digests;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** A snapshot of one made-up key, with which an edge starts where there is no database: to rehearse a start. */
public final class SnapshotExample {
    private static final String DATABASE = "00000000-0000-0000-0000-000000000000";
    private static final String LABEL = "example";

    private SnapshotExample() {}

    /**
     * Writes it as the last good one of a data folder that is new.
     *
     * @param key which it lets in
     */
    public static void write(Path dataFolder, String key) throws IOException {
        long[] hash = new long[KeyTable.WORDS];
        ByteBuffer.wrap(Digests.sha256().digest(key.getBytes(StandardCharsets.US_ASCII)))
                .asLongBuffer()
                .get(hash);
        byte[] label = LABEL.getBytes(StandardCharsets.US_ASCII);
        KeyTableBuilder keys = new KeyTableBuilder(1);
        keys.add(1, 1, 0, KeyTable.ENDLESS, hash, "", label, label.length);
        Files.createDirectories(dataFolder);
        new SnapshotFile(dataFolder).write(snapshot(keys));
    }

    private static Snapshot snapshot(KeyTableBuilder keys) {
        try {
            SnapshotChange change = new SnapshotChange(DATABASE, 1, true, keys.build(), LimitChanges.NONE);
            return Snapshot.EMPTY.with(change, Instant.EPOCH);
        } catch (SnapshotRefusedException e) {
            throw new IllegalStateException("one key is no two with one secret", e);
        }
    }
}
