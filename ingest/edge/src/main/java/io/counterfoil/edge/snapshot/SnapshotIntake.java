package io.counterfoil.edge.snapshot;

import io.counterfoil.edge.snapshot.SnapshotRefusedException.Kind;
import io.counterfoil.sql.snapshot.SnapshotRows;
import io.counterfoil.sql.snapshot.SnapshotRows.FlagRow;
import io.counterfoil.sql.snapshot.SnapshotRows.Head;
import io.counterfoil.sql.snapshot.SnapshotRows.KeyRow;
import io.counterfoil.sql.snapshot.SnapshotRows.LimitRow;
import io.counterfoil.sql.snapshot.SnapshotRows.OverrideRow;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Takes rows as the database sends them, checks each, and makes a {@link SnapshotChange} of them, without keeping a row. */
final class SnapshotIntake implements SnapshotRows.Sink<SnapshotRefusedException> {
    private static final int MAX_SECRETS = 20_000_000;
    private static final int MAX_FLAGS = 5_000_000;
    private static final int MAX_LIMITS = 1_000_000;
    private static final int MANY_SCOPES = 1_000;

    private final Snapshot old;
    private final boolean whole;
    private final boolean accepted;
    private final long refusedVersion;
    private final long[] hash = new long[KeyTable.WORDS];
    private final Set<String> checkedScopes = new HashSet<>();
    private final List<LimitChanges.Change<Limit>> limits = new ArrayList<>();
    private final List<LimitChanges.Change<QuotaOverride>> overrides = new ArrayList<>();
    private final List<LimitChanges.Change<Flag>> flags = new ArrayList<>();
    private Head head = new Head("", 0, 0);
    private boolean wanted;
    private KeyTableBuilder keys = new KeyTableBuilder(0);

    /**
     * @param old in use
     * @param whole all rows come, not only what changed since {@code old}
     * @param accepted an operator said so: an older version is fine, and accounts of another history
     * @param refusedVersion was looked at before; its rows are not wanted again
     */
    SnapshotIntake(Snapshot old, boolean whole, boolean accepted, long refusedVersion) {
        this.old = old;
        this.whole = whole;
        this.accepted = accepted;
        this.refusedVersion = refusedVersion;
    }

    @Override
    public boolean head(Head given) throws SnapshotRefusedException {
        head = given;
        if (!old.database().isEmpty() && !old.database().equals(given.database())) {
            throw new SnapshotRefusedException(
                    Kind.OTHER_DATABASE,
                    "it comes from database " + given.database() + ", expected " + old.database()
                            + "; key numbers of one mean nothing in another: mend COUNTERFOIL_DATABASE_URL, or give the"
                            + " edge a new data folder and landing");
        }
        // Asked for everything though there is a snapshot: the histories parted, and equal numbers mean different
        // things.
        boolean older =
                (whole && old.version() > 0) ? given.version() <= old.version() : given.version() < old.version();
        if (older && !accepted) {
            throw new SnapshotRefusedException(
                    Kind.OLDER,
                    "it is not newer than version " + old.version()
                            + ", the one in use: the database was restored from a backup, and keys that were disabled since"
                            + " would be valid again");
        }
        wanted = given.version() != refusedVersion && (whole || given.version() > old.version());
        if (wanted) {
            keys = new KeyTableBuilder((int) Math.min(given.keyRows(), MAX_SECRETS));
        }
        return wanted;
    }

    /** After which version rows are to come. */
    long since() {
        return whole ? 0 : old.version();
    }

    boolean accepted() {
        return accepted;
    }

    /** Whether rows came and are to be used. */
    boolean wanted() {
        return wanted;
    }

    /** What came first; version 0 before. */
    Head head() {
        return head;
    }

    @Override
    public void limit(LimitRow row) throws SnapshotRefusedException {
        if (limits.size() == MAX_LIMITS) {
            throw absurd("it has more than " + MAX_LIMITS + " limits");
        }
        if (!limits.isEmpty() && limits.get(limits.size() - 1).value().limitId() >= row.limitId()) {
            throw new SnapshotRefusedException(Kind.DOUBLED, "limit " + row.limitId() + " is in it twice");
        }
        limits.add(new LimitChanges.Change<>(RowCheck.limit(row), row.ended()));
    }

    @Override
    public void override(OverrideRow row) throws SnapshotRefusedException {
        if (overrides.size() == MAX_LIMITS) {
            throw absurd("it has more than " + MAX_LIMITS + " overrides");
        }
        if (!overrides.isEmpty() && overrides.get(overrides.size() - 1).value().overrideId() >= row.overrideId()) {
            throw new SnapshotRefusedException(Kind.DOUBLED, "override " + row.overrideId() + " is in it twice");
        }
        overrides.add(new LimitChanges.Change<>(RowCheck.override(row), row.ended()));
    }

    @Override
    public void key(KeyRow row) throws SnapshotRefusedException {
        String label = RowCheck.label(row);
        long end = RowCheck.end(row);
        if (row.sha256() == null || row.sha256().length != Long.BYTES * KeyTable.WORDS) {
            int bytes = row.sha256() == null ? 0 : row.sha256().length;
            throw absurd("key " + row.keyId() + " has a hash of " + bytes + " bytes, expected 32");
        }
        if (!areScopes(row.scopes())) {
            throw absurd("key " + row.keyId() + " has scopes '" + row.scopes()
                    + "', expected at most 32 names with single blanks between them");
        }
        ByteBuffer words = ByteBuffer.wrap(row.sha256());
        for (int i = 0; i < hash.length; i++) {
            hash[i] = words.getLong();
        }
        checkOrder(row, label);
        checkAccount(row);
        if (keys.size() == MAX_SECRETS) {
            throw absurd("it has more than " + MAX_SECRETS + " secrets");
        }
        byte[] text = label.getBytes(StandardCharsets.US_ASCII);
        keys.add(row.keyId(), row.accountId(), row.planId(), end, hash, row.scopes(), text, text.length);
    }

    /** Many keys have the same scopes: looking a text up is cheaper than parsing it. */
    private boolean areScopes(String text) {
        if (text == null || text.isEmpty() || checkedScopes.contains(text)) {
            return text != null;
        }
        boolean fine = ScopeSet.isOne(text);
        if (fine && checkedScopes.size() < MANY_SCOPES) {
            checkedScopes.add(text);
        }
        return fine;
    }

    private void checkOrder(KeyRow row, String label) throws SnapshotRefusedException {
        if (keys.size() == 0 || keys.lastKeyId() < row.keyId()) {
            return;
        }
        if (keys.lastKeyId() > row.keyId()) {
            throw new SnapshotRefusedException(
                    Kind.DOUBLED,
                    "key " + row.keyId() + " comes after key " + keys.lastKeyId() + ": rows are in it twice");
        }
        if (keys.lastAccountId() != row.accountId() || !keys.lastLabelIs(label)) {
            throw new SnapshotRefusedException(
                    Kind.DOUBLED, "key " + row.keyId() + " is in it twice, with different accounts or labels");
        }
    }

    /** A key never changes account. */
    private void checkAccount(KeyRow row) throws SnapshotRefusedException {
        if (accepted || old.version() == 0) {
            return;
        }
        long account = old.keys().accountOf(row.keyId());
        if (account != 0 && account != row.accountId()) {
            throw absurd("key " + row.keyId() + " is of account " + row.accountId() + ", expected " + account
                    + ": a key never changes account");
        }
        long found = old.find(hash[0], hash[1], hash[2], hash[3]);
        if (found >= 0 && old.keyId(found) != row.keyId()) {
            throw new SnapshotRefusedException(
                    Kind.DOUBLED, "key " + row.keyId() + " has the hash of key " + old.keyId(found));
        }
    }

    @Override
    public void flag(FlagRow row) throws SnapshotRefusedException {
        if (flags.size() == MAX_FLAGS) {
            throw absurd("it has more than " + MAX_FLAGS + " flags");
        }
        Flag next = RowCheck.flag(row);
        if (!flags.isEmpty() && flags.get(flags.size() - 1).value().isOf(next)) {
            throw new SnapshotRefusedException(
                    Kind.DOUBLED,
                    "the flag of subject " + row.subjectId() + " for limit " + row.limitId() + " is in it twice");
        }
        flags.add(new LimitChanges.Change<>(next, row.lifted()));
    }

    /** Once all rows came. */
    SnapshotChange change() throws SnapshotRefusedException {
        return new SnapshotChange(
                head.database(), head.version(), whole, keys.build(), new LimitChanges(limits, overrides, flags));
    }

    private static SnapshotRefusedException absurd(String message) {
        return new SnapshotRefusedException(Kind.ABSURD, message);
    }
}
