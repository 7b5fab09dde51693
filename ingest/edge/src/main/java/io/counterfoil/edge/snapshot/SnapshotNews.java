package io.counterfoil.edge.snapshot;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

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
            lines.add(start + "key " + label(flag, old, next) + " over " + flag.limit() + " (" + flag.used()
                    + " used), " + flag.action().effect() + " until " + time(flag.resetsAt(), now));
        }
        for (Flag flag : lifted) {
            lines.add(start + "key " + label(flag, old, next) + " is no longer held over " + flag.limit());
        }
        return lines;
    }

    private static String time(Instant at, Instant now) {
        boolean today = at.atOffset(ZoneOffset.UTC)
                .toLocalDate()
                .equals(now.atOffset(ZoneOffset.UTC).toLocalDate());
        return (today ? TIME : DAY_AND_TIME).format(at);
    }

    private static List<Flag> without(FlagTable flags, FlagTable known, Instant now) {
        return flags.all().stream()
                .filter(flag -> now.isBefore(flag.resetsAt()) && !known.contains(flag))
                .toList();
    }

    private static String label(Flag flag, Snapshot old, Snapshot next) {
        return next.keys()
                .label(flag.keyId())
                .or(() -> old.keys().label(flag.keyId()))
                .orElse("number " + flag.keyId());
    }
}
