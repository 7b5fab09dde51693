package io.counterfoil.edge.snapshot;

import io.counterfoil.edge.snapshot.SnapshotRefusedException.Kind;
import io.counterfoil.sql.snapshot.SnapshotRows.FlagRow;
import io.counterfoil.sql.snapshot.SnapshotRows.KeyRow;
import io.counterfoil.sql.snapshot.SnapshotRows.LimitRow;
import io.counterfoil.sql.snapshot.SnapshotRows.OverrideRow;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** Whether a row's values can be right, each for itself. No bound depends on this edge's clock: that may be what is wrong. */
final class RowCheck {
    private static final int MAX_LABEL = 128;
    private static final Instant EARLIEST = Instant.parse("1990-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("3000-01-01T00:00:00Z");
    private static final Set<String> WINDOWS = Set.of("hour", "day", "period");
    private static final Set<String> MEASURES = Set.of("requests", "units", "bytes_out");
    private static final Set<String> SCOPES = Set.of("key", "account");
    private static final Duration LONGEST_WINDOW = Duration.ofDays(32);

    private RowCheck() {}

    static String label(KeyRow row) throws SnapshotRefusedException {
        if (row.keyId() < 1 || row.accountId() < 1 || row.planId() < 0) {
            throw absurd("key " + row.keyId() + " of account " + row.accountId() + " on plan " + row.planId()
                    + " has a number below 1");
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

    static Limit limit(LimitRow row) throws SnapshotRefusedException {
        String what = "limit " + row.limitId() + " of plan " + row.planId();
        Optional<FlagAction> action = FlagAction.parse(row.action());
        if (action.isEmpty() || !isKind(row.window(), row.measure()) || !SCOPES.contains(String.valueOf(row.scope()))) {
            throw absurd(what + " reads '" + row.window() + "', '" + row.measure() + "', '" + row.action() + "', '"
                    + row.scope() + "', expected as in hour, requests, refuse, key");
        }
        if (row.limitId() < 1 || row.planId() < 1 || row.quota() < 0) {
            throw absurd(what + " has a number below 1, or a quota (" + row.quota() + ") below 0");
        }
        return new Limit(
                row.limitId(),
                row.planId(),
                row.scope().equals("account"),
                row.window(),
                row.measure(),
                row.quota(),
                action.get());
    }

    static QuotaOverride override(OverrideRow row) throws SnapshotRefusedException {
        String what = "override " + row.overrideId();
        Optional<FlagAction> action = FlagAction.parse(row.action());
        if ((action.isEmpty() && !"".equals(row.action())) || !isKind(row.window(), row.measure())) {
            throw absurd(what + " reads '" + row.window() + "', '" + row.measure() + "', '" + row.action()
                    + "', expected as in hour, requests, refuse");
        }
        if (row.overrideId() < 1 || (row.keyId() < 1) == (row.accountId() < 1) || row.quota() < 0) {
            throw absurd(what + " is of key " + row.keyId() + " and account " + row.accountId()
                    + ", expected one of them; or its quota (" + row.quota() + ") is below 0");
        }
        if (row.until().filter(until -> !isSane(until)).isPresent()) {
            throw absurd(what + " ends at " + row.until().orElseThrow()
                    + ", expected a time between 1990 and 3000, or none");
        }
        return new QuotaOverride(
                row.overrideId(),
                row.keyId(),
                row.accountId(),
                row.window(),
                row.measure(),
                action,
                row.quota(),
                row.until().orElse(Instant.MAX));
    }

    private static boolean isKind(String window, String measure) {
        return WINDOWS.contains(String.valueOf(window)) && MEASURES.contains(String.valueOf(measure));
    }

    static Flag flag(FlagRow row) throws SnapshotRefusedException {
        String what = "flag of subject " + row.subjectId() + " for limit " + row.limitId();
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
        if (row.subjectId() < 1 || row.limitId() < 1 || row.quota() < 0 || row.used() < 0) {
            throw absurd(what + " has a number below 1, or a quota (" + row.quota() + ") or use (" + row.used()
                    + ") below 0");
        }
        if (row.over() && row.used() < row.quota()) {
            throw absurd(what + " is over with " + row.used() + " of " + row.quota() + " used");
        }
        return new Flag(
                row.limitId(),
                row.subjectId(),
                row.quota(),
                row.used(),
                row.over(),
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
