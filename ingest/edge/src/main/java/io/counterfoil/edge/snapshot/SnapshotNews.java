package io.counterfoil.edge.snapshot;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What changed from one snapshot to the next, in lines for the operator: flags raised and lifted, keys come and gone. */
final class SnapshotNews {
    private static final int MAX_LINES = 20;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ssX").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DAY_AND_TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssX").withZone(ZoneOffset.UTC);

    private SnapshotNews() {}

    static List<String> lines(Snapshot old, Snapshot next, Instant now) {
        String start = "snapshot version " + next.version() + ": ";
        List<String> lines = new ArrayList<>();
        if (next.keyCount() != old.keyCount()) {
            lines.add(start + Count.of(next.keyCount(), "key") + ", " + old.keyCount() + " before");
        }
        if (next.flags() == old.flags()) {
            return lines;
        }
        // One that passed is no news: it was dropped at its time.
        List<Flag> raised = without(next.flags(), old.flags(), now);
        List<Flag> lifted = without(old.flags(), next.flags(), now);
        if (raised.size() + lifted.size() > MAX_LINES) {
            lines.add(start + raised.size() + " flags raised, " + lifted.size() + " lifted");
            return lines;
        }
        for (Flag flag : raised) {
            limit(flag, old, next)
                    .ifPresent(limit -> lines.add(start + subject(limit, flag, old, next) + " over "
                            + limit.text(flag.quota()) + " (" + flag.used() + " used), "
                            + limit.action().effect() + " until " + time(flag.resetsAt(), now)));
        }
        for (Flag flag : lifted) {
            limit(flag, old, next)
                    .ifPresent(limit -> lines.add(start + subject(limit, flag, old, next) + " is no longer held over "
                            + limit.text(flag.quota())));
        }
        return lines;
    }

    private static Optional<Limit> limit(Flag flag, Snapshot old, Snapshot next) {
        return next.limits().limit(flag.limitId()).or(() -> old.limits().limit(flag.limitId()));
    }

    private static String time(Instant at, Instant now) {
        boolean today = at.atOffset(ZoneOffset.UTC)
                .toLocalDate()
                .equals(now.atOffset(ZoneOffset.UTC).toLocalDate());
        return (today ? TIME : DAY_AND_TIME).format(at);
    }

    /** Those over their limit that were not. */
    private static List<Flag> without(FlagTable flags, FlagTable known, Instant now) {
        return flags.all().stream()
                .filter(Flag::over)
                .filter(flag -> now.isBefore(flag.resetsAt()))
                .filter(flag -> known.same(flag) == null || !known.same(flag).over())
                .toList();
    }

    private static String subject(Limit limit, Flag flag, Snapshot old, Snapshot next) {
        if (limit.ofAccount()) {
            return "account number " + flag.subjectId();
        }
        return "key "
                + next.keys()
                        .label(flag.subjectId())
                        .or(() -> old.keys().label(flag.subjectId()))
                        .orElse("number " + flag.subjectId());
    }
}
