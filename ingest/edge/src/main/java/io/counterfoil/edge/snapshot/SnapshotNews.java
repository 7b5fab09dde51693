package io.counterfoil.edge.snapshot;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

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
        List<Flag> raised = without(next.flags(), old.flags());
        raised.removeIf(flag -> !now.isBefore(flag.resetsAt()));
        List<Flag> lifted = without(old.flags(), next.flags());
        // One that passed is no news: it was dropped at its time.
        lifted.removeIf(flag -> !now.isBefore(flag.resetsAt()));
        if (raised.size() + lifted.size() > MAX_LINES) {
            lines.add(start + raised.size() + " flags raised, " + lifted.size() + " lifted");
            return lines;
        }
        Map<Long, String> labels = labels(List.of(raised, lifted), next, old);
        for (Flag flag : raised) {
            lines.add(start + "key " + labels.get(flag.keyId()) + " over " + flag.limit() + " (" + flag.used()
                    + " used), " + flag.action().effect() + " until " + time(flag.resetsAt(), now));
        }
        for (Flag flag : lifted) {
            lines.add(start + "key " + labels.get(flag.keyId()) + " is no longer held over " + flag.limit());
        }
        return lines;
    }

    private static String time(Instant at, Instant now) {
        boolean today = at.atOffset(ZoneOffset.UTC)
                .toLocalDate()
                .equals(now.atOffset(ZoneOffset.UTC).toLocalDate());
        return (today ? TIME : DAY_AND_TIME).format(at);
    }

    private static List<Flag> without(List<Flag> flags, List<Flag> known) {
        List<Flag> rest = new ArrayList<>(flags);
        rest.removeIf(flag -> known.stream().anyMatch(flag::isOf));
        return rest;
    }

    private static Map<Long, String> labels(List<List<Flag>> flags, Snapshot next, Snapshot old) {
        TreeSet<Long> wanted = new TreeSet<>();
        flags.forEach(list -> list.forEach(flag -> wanted.add(flag.keyId())));
        Map<Long, String> labels = new HashMap<>();
        if (wanted.isEmpty()) {
            return labels;
        }
        wanted.forEach(keyId -> labels.put(keyId, "number " + keyId));
        for (Snapshot snapshot : List.of(old, next)) {
            for (int entry = 0; entry < snapshot.keyCount(); entry++) {
                SnapshotKey key = snapshot.keys().key(entry);
                if (wanted.contains(key.keyId())) {
                    labels.put(key.keyId(), key.label());
                }
            }
        }
        return labels;
    }
}
