package io.counterfoil.edge.snapshot;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Secrets of API keys by the SHA-256 of their text, in primitive arrays: about 70 bytes and the label a secret. Immutable; lookups
 * allocate nothing.
 *
 * <pre>
 * entries  in rising order of the key's number; a key with several secrets has several, one after the other
 * slots    int[]   open addressing, linear probing, at most half full: entry + 1, or 0 where free
 * hashes   long[]  four big-endian words an entry: the whole SHA-256
 * keyIds, accounts, ends  long[]  one an entry; ends: Unix milliseconds, or one of the two words below
 * grants   int[]   one an entry: which of the distinct grants; null where there is only one
 * labels   byte[]  all labels in a row; entry i's end at labelEnds[i]
 * </pre>
 */
final class KeyTable {
    /** In {@code ends}: does not end by itself. */
    static final long ENDLESS = Long.MAX_VALUE;

    /** In {@code ends}: disabled. Such an entry only hides the same secret in an older table. */
    static final long DISABLED = 0;

    static final int WORDS = 4;
    static final KeyTable EMPTY = new KeyTable(
            0,
            new int[1],
            new long[0],
            new long[0],
            new long[0],
            new long[0],
            null,
            new Grant[] {Grant.NONE},
            new byte[0],
            new int[0]);

    private final int size;
    private final int[] slots;
    private final long[] hashes;
    private final long[] keyIds;
    private final long[] accounts;
    private final long[] ends;
    private final int[] grantOf;
    private final Grant[] grants;
    private final byte[] labels;
    private final int[] labelEnds;

    /** Takes the arrays as they are, the first {@code size} entries of each; for {@link KeyTableBuilder}. */
    KeyTable(
            int size,
            int[] slots,
            long[] hashes,
            long[] keyIds,
            long[] accounts,
            long[] ends,
            int[] grantOf,
            Grant[] grants,
            byte[] labels,
            int[] labelEnds) {
        this.size = size;
        this.slots = slots;
        this.hashes = hashes;
        this.keyIds = keyIds;
        this.accounts = accounts;
        this.ends = ends;
        this.grantOf = grantOf;
        this.grants = grants;
        this.labels = labels;
        this.labelEnds = labelEnds;
    }

    int size() {
        return size;
    }

    /** Where a hash's search begins: hashes are evenly spread, so its upper bits are as good as any. */
    static int slot(long hash0, int slots) {
        return (int) (((hash0 >>> 32) * slots) >>> 32);
    }

    /** The entry of that hash, disabled or not; -1 where there is none. */
    int find(long hash0, long hash1, long hash2, long hash3) {
        int slot = slot(hash0, slots.length);
        while (slots[slot] != 0) {
            int at = (slots[slot] - 1) * WORDS;
            if (hashes[at] == hash0 && hashes[at + 1] == hash1 && hashes[at + 2] == hash2 && hashes[at + 3] == hash3) {
                return slots[slot] - 1;
            }
            slot = slot + 1 == slots.length ? 0 : slot + 1;
        }
        return -1;
    }

    /** The first entry of that key; -1 where it has none. */
    int firstOf(long keyId) {
        int at = Arrays.binarySearch(keyIds, 0, size, keyId);
        while (at > 0 && keyIds[at - 1] == keyId) {
            at--;
        }
        return Math.max(at, -1);
    }

    /** The entry behind the last of the key that has the entry. */
    int behind(int entry) {
        int at = entry + 1;
        while (at < size && keyIds[at] == keyIds[entry]) {
            at++;
        }
        return at;
    }

    /** Whether any secret of the key that has the entry, its first one, is not disabled. */
    boolean isEnabled(int entry) {
        for (int at = entry; at < size && keyIds[at] == keyIds[entry]; at++) {
            if (ends[at] != DISABLED) {
                return true;
            }
        }
        return false;
    }

    long keyId(int entry) {
        return keyIds[entry];
    }

    long accountId(int entry) {
        return accounts[entry];
    }

    /** Unix milliseconds, {@link #ENDLESS} or {@link #DISABLED}. */
    long end(int entry) {
        return ends[entry];
    }

    Grant grant(int entry) {
        return grants[grantOf == null ? 0 : grantOf[entry]];
    }

    void copyHash(int entry, long[] into, int at) {
        System.arraycopy(hashes, entry * WORDS, into, at, WORDS);
    }

    String label(int entry) {
        int from = labelStart(entry);
        return new String(labels, from, labelEnds[entry] - from, StandardCharsets.US_ASCII);
    }

    void copyLabel(int entry, byte[] into, int at) {
        System.arraycopy(labels, labelStart(entry), into, at, labelLength(entry));
    }

    private int labelStart(int entry) {
        return entry == 0 ? 0 : labelEnds[entry - 1];
    }

    int labelLength(int entry) {
        return labelEnds[entry] - labelStart(entry);
    }
}
