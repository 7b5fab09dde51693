package io.counterfoil.edge.snapshot;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Fills a {@link KeyTable}, entry by entry, in rising order of the keys' numbers. */
final class KeyTableBuilder {
    private static final int LABEL_BYTES = 16;
    private static final int SMALLEST = 8;
    /** So small a part of the arrays may stay unused: trimming needs room for a second copy. */
    private static final int SLACK = 32;

    private long[] hashes;
    private long[] keyIds;
    private long[] accounts;
    private long[] ends;
    private int[] grantOf;
    private int[] labelEnds;
    private byte[] labels;
    private final Map<GrantText, Integer> grantIds = new HashMap<>();
    private final List<Grant> grants = new ArrayList<>();
    private GrantText lastGrant = new GrantText(0, "");
    private int lastGrantId = -1;
    private int size;
    private int labelBytes;

    /** @param expected how many entries will come, at most; more only cost time */
    KeyTableBuilder(int expected) {
        int capacity = Math.max(SMALLEST, expected);
        hashes = new long[capacity * KeyTable.WORDS];
        keyIds = new long[capacity];
        accounts = new long[capacity];
        ends = new long[capacity];
        labelEnds = new int[capacity];
        labels = new byte[Math.toIntExact(Math.min((long) capacity * LABEL_BYTES, Integer.MAX_VALUE / 2))];
    }

    int size() {
        return size;
    }

    long lastKeyId() {
        return keyIds[size - 1];
    }

    long lastAccountId() {
        return accounts[size - 1];
    }

    boolean lastLabelIs(String label) {
        int from = size == 1 ? 0 : labelEnds[size - 2];
        byte[] bytes = label.getBytes(StandardCharsets.US_ASCII);
        return Arrays.equals(labels, from, labelBytes, bytes, 0, bytes.length);
    }

    /** An entry whose hash is four words, and whose label the first bytes of an array. */
    void add(
            long keyId,
            long accountId,
            long planId,
            long end,
            long[] hash,
            String scopes,
            byte[] label,
            int labelLength) {
        makeRoom(labelLength);
        System.arraycopy(hash, 0, hashes, size * KeyTable.WORDS, KeyTable.WORDS);
        System.arraycopy(label, 0, labels, labelBytes, labelLength);
        put(keyId, accountId, end, planId, scopes, labelLength);
    }

    /** Another table's entry. */
    void add(KeyTable table, int entry) {
        int labelLength = table.labelLength(entry);
        makeRoom(labelLength);
        table.copyHash(entry, hashes, size * KeyTable.WORDS);
        table.copyLabel(entry, labels, labelBytes);
        put(
                table.keyId(entry),
                table.accountId(entry),
                table.end(entry),
                table.grant(entry).planId(),
                table.grant(entry).scopes().text(),
                labelLength);
    }

    private void put(long keyId, long accountId, long end, long planId, String scopes, int labelLength) {
        keyIds[size] = keyId;
        accounts[size] = accountId;
        ends[size] = end;
        setGrant(planId, scopes);
        labelBytes += labelLength;
        labelEnds[size++] = labelBytes;
    }

    private record GrantText(long planId, String scopes) {}

    private void setGrant(long planId, String scopes) {
        int id = grantId(planId, scopes);
        if (id > 0 && grantOf == null) {
            grantOf = new int[keyIds.length];
        }
        if (grantOf != null) {
            grantOf[size] = id;
        }
    }

    /** Most keys have the grant of the one before. */
    private int grantId(long planId, String scopes) {
        if (lastGrantId < 0
                || lastGrant.planId() != planId
                || !lastGrant.scopes().equals(scopes)) {
            lastGrant = new GrantText(planId, scopes);
            Integer known = grantIds.get(lastGrant);
            lastGrantId = known == null ? grants.size() : known;
            if (known == null) {
                grantIds.put(lastGrant, lastGrantId);
                grants.add(new Grant(planId, ScopeSet.of(scopes)));
            }
        }
        return lastGrantId;
    }

    private void makeRoom(int labelLength) {
        if (size == keyIds.length) {
            int capacity = size + size / 2;
            hashes = Arrays.copyOf(hashes, capacity * KeyTable.WORDS);
            keyIds = Arrays.copyOf(keyIds, capacity);
            accounts = Arrays.copyOf(accounts, capacity);
            ends = Arrays.copyOf(ends, capacity);
            labelEnds = Arrays.copyOf(labelEnds, capacity);
            grantOf = grantOf == null ? null : Arrays.copyOf(grantOf, capacity);
        }
        if (labelBytes + labelLength > labels.length) {
            labels = Arrays.copyOf(labels, labels.length + labels.length / 4 + labelLength);
        }
    }

    /** @throws SnapshotRefusedException where two entries have the same hash */
    KeyTable build() throws SnapshotRefusedException {
        if (size == 0) {
            return KeyTable.EMPTY;
        }
        if (keyIds.length - size > size / SLACK) {
            hashes = Arrays.copyOf(hashes, size * KeyTable.WORDS);
            keyIds = Arrays.copyOf(keyIds, size);
            accounts = Arrays.copyOf(accounts, size);
            ends = Arrays.copyOf(ends, size);
            labelEnds = Arrays.copyOf(labelEnds, size);
            grantOf = grantOf == null ? null : Arrays.copyOf(grantOf, size);
        }
        if (labels.length - labelBytes > labelBytes / SLACK) {
            labels = Arrays.copyOf(labels, labelBytes);
        }
        return new KeyTable(
                size,
                slots(),
                hashes,
                keyIds,
                accounts,
                ends,
                grantOf,
                grants.toArray(Grant[]::new),
                labels,
                labelEnds);
    }

    private int[] slots() throws SnapshotRefusedException {
        int[] slots = new int[size * 2];
        for (int entry = 0; entry < size; entry++) {
            int slot = KeyTable.slot(hashes[entry * KeyTable.WORDS], slots.length);
            while (slots[slot] != 0) {
                int other = slots[slot] - 1;
                if (sameHash(entry, other)) {
                    throw new SnapshotRefusedException(
                            SnapshotRefusedException.Kind.DOUBLED,
                            "key " + keyIds[entry] + " has the hash of key " + keyIds[other] + " too");
                }
                slot = slot + 1 == slots.length ? 0 : slot + 1;
            }
            slots[slot] = entry + 1;
        }
        return slots;
    }

    private boolean sameHash(int entry, int other) {
        int a = entry * KeyTable.WORDS;
        int b = other * KeyTable.WORDS;
        return Arrays.equals(hashes, a, a + KeyTable.WORDS, hashes, b, b + KeyTable.WORDS);
    }
}
