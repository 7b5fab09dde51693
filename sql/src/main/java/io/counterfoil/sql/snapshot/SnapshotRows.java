package io.counterfoil.sql.snapshot;

import java.time.Instant;
import java.util.List;

/** What changed for the edges after a version, up to and including {@code version}. */
public record SnapshotRows(long version, List<KeyRow> keys, List<FlagRow> flags) {
    public SnapshotRows {
        keys = List.copyOf(keys);
        flags = List.copyOf(flags);
    }

    /**
     * A key's present state.
     *
     * @param sha256 of the key's text, 32 bytes; never changed after construction
     * @param active false: the key is to be dropped
     */
    @SuppressWarnings("ArrayRecordComponent") // Compared by nobody; an edge copies it into its table.
    public record KeyRow(long keyId, long accountId, String label, byte[] sha256, boolean active) {}

    /**
     * A key over a limit.
     *
     * @param limitText as people write it: {@code 100/hour}
     * @param action notify, warn or refuse
     * @param asOf the usage is known up to here
     * @param resetsAt the flag is void from here on
     * @param lifted the flag is void at once
     */
    public record FlagRow(
            long limitId,
            long keyId,
            String limitText,
            String action,
            long quota,
            long used,
            Instant windowStart,
            Instant asOf,
            Instant resetsAt,
            boolean lifted) {}
}
