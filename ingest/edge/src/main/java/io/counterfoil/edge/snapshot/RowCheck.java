package io.counterfoil.edge.snapshot;

import io.counterfoil.edge.snapshot.SnapshotRefusedException.Kind;
import io.counterfoil.sql.snapshot.SnapshotRows.FlagRow;
import io.counterfoil.sql.snapshot.SnapshotRows.KeyRow;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/** Whether a row's values can be right, each for itself. No bound depends on this edge's clock: that may be what is wrong. */
final class RowCheck {
    private static final int MAX_LABEL = 128;
    private static final Instant EARLIEST = Instant.parse("1990-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("3000-01-01T00:00:00Z");
    private static final Pattern LIMIT = Pattern.compile("\\d{1,18}/(hour|day|period)");
    private static final Duration LONGEST_WINDOW = Duration.ofDays(32);

    private RowCheck() {}

    static String label(KeyRow row) throws SnapshotRefusedException {
        if (row.keyId() < 1 || row.accountId() < 1) {
            throw absurd("key " + row.keyId() + " of account " + row.accountId() + " has a number below 1");
        }
        String label = row.label();
        boolean fine = label != null && !label.isEmpty() && label.length() <= MAX_LABEL;
        for (int i = 0; fine && i < label.length(); i++) {
            fine = label.charAt(i) >= ' ' && label.charAt(i) <= '~';
        }
        if (!fine || label.charAt(0) == ' ' || label.charAt(label.length() - 1) == ' ') {
            throw absurd("key " + row.keyId() + " has no label of 1 to " + MAX_LABEL + " printable characters");
        }
        return label;
    }

    /** As a {@link KeyTable} holds it. */
    static long end(KeyRow row) throws SnapshotRefusedException {
        if (row.expiresAt().filter(end -> !isSane(end)).isPresent()) {
            throw absurd("key " + row.keyId() + " expires at "
                    + row.expiresAt().orElseThrow()
                    + ", expected a time between 1990 and 3000, or none");
        }
        if (!row.active()) {
            return KeyTable.DISABLED;
        }
        return row.expiresAt().map(Instant::toEpochMilli).orElse(KeyTable.ENDLESS);
    }

    static Flag flag(FlagRow row) throws SnapshotRefusedException {
        String what = "flag of key " + row.keyId() + " for limit " + row.limitId();
        Optional<FlagAction> action = FlagAction.parse(row.action());
        if (action.isEmpty()
                || row.limitText() == null
                || !LIMIT.matcher(row.limitText()).matches()) {
            throw absurd(
                    what + " reads '" + row.limitText() + "', '" + row.action() + "', expected as in 100/hour, refuse");
        }
        for (Instant time : new Instant[] {row.windowStart(), row.asOf(), row.resetsAt()}) {
            if (time == null || !isSane(time)) {
                throw absurd(what + " names the time " + time + ", expected one between 1990 and 3000");
            }
        }
        Duration window = Duration.between(row.windowStart(), row.resetsAt());
        if (window.isNegative() || window.isZero() || window.compareTo(LONGEST_WINDOW) > 0) {
            throw absurd(
                    what + " holds from " + row.windowStart() + " to " + row.resetsAt() + ", expected up to 32 days");
        }
        if (row.keyId() < 1 || row.limitId() < 1 || row.quota() < 0 || row.used() < 0) {
            throw absurd(what + " has a number below 1, or a quota (" + row.quota() + ") or use (" + row.used()
                    + ") below 0");
        }
        return new Flag(
                row.limitId(),
                row.keyId(),
                row.limitText(),
                action.get(),
                row.quota(),
                row.used(),
                row.windowStart(),
                row.asOf(),
                row.resetsAt());
    }

    private static boolean isSane(Instant time) {
        return !time.isBefore(EARLIEST) && time.isBefore(LATEST);
    }

    private static SnapshotRefusedException absurd(String message) {
        return new SnapshotRefusedException(Kind.ABSURD, message);
    }
}
