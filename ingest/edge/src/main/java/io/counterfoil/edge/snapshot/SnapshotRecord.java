package io.counterfoil.edge.snapshot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * One {@link SnapshotChange} in a file.
 *
 * <pre>
 * head     version long | whole byte | secrets long | bytes of the body long | bytes of limits and flags within it long
 *          | CRC-32C of the head long
 * body     per secret: key long, account long, plan long, end long, SHA-256 four longs, label's length byte, scopes' length short,
 *                      label, scopes
 *          limits: count int | per limit: ended boolean, limit long, plan long, of account boolean, window UTF, measure UTF,
 *                      quota long, action UTF
 *          overrides: count int | per override: ended boolean, override long, key long, account long, window UTF, measure UTF,
 *                      action UTF (empty: any), quota long, until
 *          flags: count int | per flag: lifted boolean, limit long, subject long, quota long, used long, over boolean,
 *                      window start, as of, resets at; a time: seconds long, nanoseconds int
 * SHA-256 of the file up to here, 32 bytes
 * </pre>
 */
final class SnapshotRecord {
    static final int DIGEST_BYTES = 32;
    private static final int SECRET_BYTES = 8 * Long.BYTES + Byte.BYTES + Short.BYTES;
    private static final int MAX_TEXT = 0xFFFF;

    private SnapshotRecord() {}

    /** A record's head; the CRC is right. */
    record Head(long version, boolean whole, long secrets, long bodyBytes, long limitBytes) {
        static final int BYTES = 4 * Long.BYTES + Byte.BYTES + Long.BYTES;

        byte[] bytes() {
            ByteBuffer head = ByteBuffer.allocate(BYTES);
            head.putLong(version).put((byte) (whole ? 1 : 0)).putLong(secrets).putLong(bodyBytes);
            head.putLong(limitBytes);
            return head.putLong(crc(head.array())).array();
        }

        /** Null where the CRC is not the head's. */
        static Head parse(byte[] bytes) {
            ByteBuffer head = ByteBuffer.wrap(bytes);
            Head parsed = new Head(head.getLong(), head.get() == 1, head.getLong(), head.getLong(), head.getLong());
            return head.getLong() == crc(bytes) ? parsed : null;
        }

        private static long crc(byte[] head) {
            CRC32C crc = new CRC32C();
            crc.update(head, 0, BYTES - Long.BYTES);
            return crc.getValue();
        }
    }

    static void write(DigestedOutput out, long version, boolean whole, KeyTable keys, LimitChanges limits)
            throws IOException {
        byte[] limitBytes = LimitCode.bytes(limits);
        long body = limitBytes.length;
        for (int entry = 0; entry < keys.size(); entry++) {
            body += SECRET_BYTES
                    + keys.labelLength(entry)
                    + keys.grant(entry).scopes().text().length();
        }
        out.put(new Head(version, whole, keys.size(), body, limitBytes.length).bytes());
        long[] hash = new long[KeyTable.WORDS];
        for (int entry = 0; entry < keys.size(); entry++) {
            out.putLong(keys.keyId(entry));
            out.putLong(keys.accountId(entry));
            out.putLong(keys.grant(entry).planId());
            out.putLong(keys.end(entry));
            keys.copyHash(entry, hash, 0);
            for (long word : hash) {
                out.putLong(word);
            }
            byte[] label = new byte[keys.labelLength(entry)];
            keys.copyLabel(entry, label, 0);
            String scopes = keys.grant(entry).scopes().text();
            out.putByte(label.length);
            out.putShort(scopes.length());
            out.put(label);
            if (!scopes.isEmpty()) {
                out.put(scopes.getBytes(StandardCharsets.US_ASCII));
            }
        }
        out.put(limitBytes);
        out.putDigest();
    }

    /** The keys behind a head; nothing of them is to be used before the digest was compared. */
    static KeyTable keys(DigestedInput in, Head head) throws IOException, SnapshotRefusedException {
        KeyTableBuilder keys = new KeyTableBuilder(Math.toIntExact(head.secrets()));
        long[] hash = new long[KeyTable.WORDS];
        byte[] text = new byte[MAX_TEXT];
        byte[] scopeBytes = new byte[MAX_TEXT];
        for (long i = 0; i < head.secrets(); i++) {
            long keyId = in.getLong();
            long accountId = in.getLong();
            long planId = in.getLong();
            long end = in.getLong();
            for (int word = 0; word < hash.length; word++) {
                hash[word] = in.getLong();
            }
            int labelLength = in.getByte();
            int scopesLength = in.getShort();
            in.get(text, labelLength);
            String scopes = scopesLength == 0
                    ? ""
                    : new String(in.get(scopeBytes, scopesLength), 0, scopesLength, StandardCharsets.US_ASCII);
            keys.add(keyId, accountId, planId, end, hash, scopes, text, labelLength);
        }
        return keys.build();
    }
}
