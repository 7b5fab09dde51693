package io.counterfoil.sql.snapshot;

import io.counterfoil.sql.SqlFile;
import io.counterfoil.sql.snapshot.SnapshotRows.KeyRow;
import io.counterfoil.sql.snapshot.SnapshotRows.Sink;
import org.jdbi.v3.core.Handle;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/**
 * Streams rows of keys by a binary COPY: the server sends while this side works, and numbers and hashes come as they are. The format:
 * a head of 11 bytes and two words (flags, bytes to skip), then per row the number of fields and each field's length (-1: null) and
 * bytes; messages from the server are whole rows (PostgreSQL manual, COPY and message formats).
 */
final class KeyRowCopy {
    private static final String COPY =
            "copy (" + SqlFile.read("snapshot/keys.sql").replaceAll("(?m)^--.*\n", "") + ") to stdout (format binary)";
    private static final byte[] SIGNATURE = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xFF, '\r', '\n', 0};
    private static final int FIELDS = 8;
    private static final short END = -1;

    private KeyRowCopy() {}

    static <X extends Exception> void read(Handle handle, long since, Instant now, Sink<X> sink)
            throws X, SQLException {
        CopyOut copy = handle.getConnection()
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut(COPY.replace(":since", Long.toString(since)).replace(":'now'", "'" + now + "'"));
        try {
            for (byte[] message = copy.readFromCopy(); message != null; message = copy.readFromCopy()) {
                take(message, sink);
            }
        } finally {
            drain(copy);
        }
    }

    /** One message: a row, or the end, which is a row of -1 fields; the head stands before the first. */
    static <X extends Exception> void take(byte[] message, Sink<X> sink) throws X {
        ByteBuffer bytes = ByteBuffer.wrap(message);
        skipHead(bytes);
        short fields = bytes.hasRemaining() ? bytes.getShort() : END;
        if (fields == END) {
            return;
        }
        if (fields != FIELDS) {
            throw new IllegalStateException(
                    "a row of keys has " + fields + " fields, expected " + FIELDS + " as in snapshot/keys.sql");
        }
        sink.key(row(bytes));
    }

    /** To the end, where the sink would have no more: the connection takes nothing else before, and a cancel may cross the end. */
    private static void drain(CopyOut copy) {
        try {
            while (copy.isActive() && copy.readFromCopy() != null) {
                // Not wanted.
            }
        } catch (SQLException e) {
            // The connection is gone; what the sink threw, or what broke the loop, says more.
            return;
        }
    }

    private static void skipHead(ByteBuffer bytes) {
        if (bytes.remaining() > SIGNATURE.length && bytes.get(0) == SIGNATURE[0]) {
            bytes.position(SIGNATURE.length + Integer.BYTES);
            int more = bytes.getInt();
            bytes.position(bytes.position() + more);
        }
    }

    private static KeyRow row(ByteBuffer bytes) {
        long keyId = number(bytes);
        long accountId = number(bytes);
        long planId = number(bytes);
        String label = text(bytes);
        byte[] sha256 = field(bytes);
        byte[] active = field(bytes);
        int expiresBytes = bytes.getInt();
        Optional<Instant> expiresAt =
                expiresBytes < 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(bytes.getLong()));
        String scopes = text(bytes);
        return new KeyRow(keyId, accountId, planId, label, sha256, active[0] == 1, expiresAt, scopes);
    }

    /** A bigint that the table declares not null. */
    private static long number(ByteBuffer bytes) {
        bytes.getInt();
        return bytes.getLong();
    }

    private static String text(ByteBuffer bytes) {
        return new String(field(bytes), StandardCharsets.UTF_8);
    }

    /** One that cannot be null: only the end can. */
    private static byte[] field(ByteBuffer bytes) {
        byte[] field = new byte[bytes.getInt()];
        bytes.get(field);
        return field;
    }
}
