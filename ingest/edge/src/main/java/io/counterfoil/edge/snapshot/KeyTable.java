package io.counterfoil.edge.snapshot;

import java.nio.charset.StandardCharsets;
import java.util.Collection;

/**
 * API keys by the SHA-256 of their text, in primitive arrays: about 75 bytes a key. Immutable; lookups allocate nothing.
 *
 * <pre>
 * slots   int[]   open addressing, linear probing, at most half full: entry + 1, or 0 where free
 * hashes  long[]  four an entry: the whole SHA-256
 * keyIds, accounts  long[]  one an entry
 * labels  byte[]  all labels in a row; entry i's end at labelEnds[i]
 * </pre>
 */
final class KeyTable {
    private static final int WORDS = 4;

    private final int[] slots;
    private final long[] hashes;
    private final long[] keyIds;
    private final long[] accounts;
    private final byte[] labels;
    private final int[] labelEnds;

    /** @param keys no hash twice */
    KeyTable(Collection<SnapshotKey> keys) {
        int count = keys.size();
        slots = new int[Math.max(16, Integer.highestOneBit(Math.max(1, count)) * 4)];
        hashes = new long[count * WORDS];
        keyIds = new long[count];
        accounts = new long[count];
        labelEnds = new int[count];
        labels = new byte[keys.stream().mapToInt(key -> key.label().length()).sum()];
        int entry = 0;
        int end = 0;
        for (SnapshotKey key : keys) {
            keyIds[entry] = key.keyId();
            accounts[entry] = key.accountId();
            byte[] label = key.label().getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(label, 0, labels, end, label.length);
            end += label.length;
            labelEnds[entry] = end;
            key.hash().copyTo(hashes, entry * WORDS);
            int slot = (int) key.hash().first() & (slots.length - 1);
            while (slots[slot] != 0) {
                slot = (slot + 1) & (slots.length - 1);
            }
            slots[slot] = ++entry;
        }
    }

    int size() {
        return keyIds.length;
    }

    /** The key's number; 0 where there is none of that hash. */
    long find(long hash0, long hash1, long hash2, long hash3) {
        int slot = (int) hash0 & (slots.length - 1);
        while (slots[slot] != 0) {
            int at = (slots[slot] - 1) * WORDS;
            if (hashes[at] == hash0 && hashes[at + 1] == hash1 && hashes[at + 2] == hash2 && hashes[at + 3] == hash3) {
                return keyIds[slots[slot] - 1];
            }
            slot = (slot + 1) & (slots.length - 1);
        }
        return 0;
    }

    /** The entry's key, as it was put in; 0 ≤ entry < size. */
    SnapshotKey key(int entry) {
        int from = entry == 0 ? 0 : labelEnds[entry - 1];
        String label = new String(labels, from, labelEnds[entry] - from, StandardCharsets.US_ASCII);
        return new SnapshotKey(keyIds[entry], accounts[entry], label, KeyHash.of(hashes, entry * WORDS));
    }
}
