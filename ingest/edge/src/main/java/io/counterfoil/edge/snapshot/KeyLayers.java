package io.counterfoil.edge.snapshot;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Key tables, the newest first, of which each hides what it holds in those behind it: so a change costs what the change is big, not
 * what all keys are. A table is merged into the next as soon as that is not many times its size, so there are few, and an entry is
 * copied a few times only. Immutable; a lookup allocates nothing.
 *
 * <p>A table always holds all secrets of a key that it holds: rows come so.
 */
final class KeyLayers {
    static final KeyLayers EMPTY = new KeyLayers(0, KeyTable.EMPTY);
    private static final int GROWTH = 8;
    private static final int SMALL = 256;
    /** What has ended is kept a while, so that an edge whose clock is set back does not forget it. */
    private static final Duration KEEP_ENDED = Duration.ofDays(1);

    private final KeyTable[] tables;
    private final int keyCount;

    private KeyLayers(int keyCount, KeyTable... tables) {
        this.tables = tables;
        this.keyCount = keyCount;
    }

    /** Of one table alone. */
    static KeyLayers of(KeyTable table) {
        int enabled = 0;
        for (int entry = 0; entry < table.size(); entry = table.behind(entry)) {
            enabled += table.isEnabled(entry) ? 1 : 0;
        }
        return new KeyLayers(enabled, table);
    }

    /** How many keys are not disabled. */
    int keyCount() {
        return keyCount;
    }

    int tableCount() {
        return tables.length;
    }

    /** The newest is 0. */
    KeyTable table(int index) {
        return tables[index];
    }

    /** Where the secret of that hash stands, unless disabled; -1 where there is none. */
    long find(long hash0, long hash1, long hash2, long hash3) {
        for (int i = 0; i < tables.length; i++) {
            int entry = tables[i].find(hash0, hash1, hash2, hash3);
            if (entry >= 0) {
                return tables[i].end(entry) == KeyTable.DISABLED ? -1 : (long) i << 32 | entry;
            }
        }
        return -1;
    }

    KeyTable tableOf(long found) {
        return tables[(int) (found >>> 32)];
    }

    static int entryOf(long found) {
        return (int) found;
    }

    /** The key's account; 0 where no such key is known, disabled or not. */
    long accountOf(long keyId) {
        for (KeyTable table : tables) {
            int entry = table.firstOf(keyId);
            if (entry >= 0) {
                return table.accountId(entry);
            }
        }
        return 0;
    }

    /** Whether the key is known and not disabled. */
    boolean isEnabled(long keyId) {
        for (KeyTable table : tables) {
            int entry = table.firstOf(keyId);
            if (entry >= 0) {
                return table.isEnabled(entry);
            }
        }
        return false;
    }

    Optional<String> label(long keyId) {
        for (KeyTable table : tables) {
            int entry = table.firstOf(keyId);
            if (entry >= 0) {
                return Optional.of(table.label(entry));
            }
        }
        return Optional.empty();
    }

    /** With a table in front, merged where it pays. What ended long before {@code now} goes when the last table is merged. */
    KeyLayers with(KeyTable change, Instant now) {
        if (change.size() == 0) {
            return this;
        }
        int count = keyCount;
        for (int entry = 0; entry < change.size(); entry = change.behind(entry)) {
            count += (change.isEnabled(entry) ? 1 : 0) - (isEnabled(change.keyId(entry)) ? 1 : 0);
        }
        KeyTable front = change;
        int taken = 0;
        while (taken < tables.length && tables[taken].size() <= Math.max(SMALL, (long) front.size() * GROWTH)) {
            boolean last = taken + 1 == tables.length;
            long keepFrom = last ? now.minus(KEEP_ENDED).toEpochMilli() : Long.MIN_VALUE;
            front = merge(front, tables[taken], keepFrom);
            taken++;
        }
        KeyTable[] next = new KeyTable[tables.length - taken + 1];
        next[0] = front;
        System.arraycopy(tables, taken, next, 1, tables.length - taken);
        return new KeyLayers(count, next);
    }

    private static KeyTable merge(KeyTable newer, KeyTable older, long keepFrom) {
        KeyTableBuilder merged = new KeyTableBuilder(newer.size() + older.size());
        int n = 0;
        int o = 0;
        while (n < newer.size() || o < older.size()) {
            if (o == older.size() || (n < newer.size() && newer.keyId(n) <= older.keyId(o))) {
                if (o < older.size() && newer.keyId(n) == older.keyId(o)) {
                    o = older.behind(o);
                }
                int behind = newer.behind(n);
                for (; n < behind; n++) {
                    addIfKept(merged, newer, n, keepFrom);
                }
            } else {
                addIfKept(merged, older, o++, keepFrom);
            }
        }
        try {
            return merged.build();
        } catch (SnapshotRefusedException e) {
            throw new IllegalStateException("a merge of checked tables has a hash twice: " + e.getMessage(), e);
        }
    }

    private static void addIfKept(KeyTableBuilder merged, KeyTable table, int entry, long keepFrom) {
        if (table.end(entry) >= keepFrom) {
            merged.add(table, entry);
        }
    }
}
