package io.counterfoil.sql.hours;

import io.counterfoil.sql.SqlFile;
import org.jdbi.v3.core.Handle;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/**
 * Moves on how far edges' logs are proven, and notes the hours that this completes. Always in the transaction of what it follows
 * from, and after control_version was taken: so nobody moves it meanwhile, and what others committed is seen.
 */
public final class Completeness {
    private static final String REVISE = SqlFile.read("hours/revise-hours.sql");
    /** What a batch says of its epochs, edges, sources and streams; in this order. */
    private static final List<String> NOTE = List.of(
            SqlFile.read("hours/note-epochs.sql"),
            SqlFile.read("hours/note-contradictions.sql"),
            SqlFile.read("hours/adopt-edges.sql"),
            SqlFile.read("hours/name-first-epochs.sql"),
            SqlFile.read("hours/open-sources.sql"),
            SqlFile.read("hours/note-sources.sql"),
            SqlFile.read("hours/note-batches.sql"),
            SqlFile.read("hours/count-source-hours.sql"),
            SqlFile.read("hours/prove-streams.sql"));

    private static final String ADVANCE_BATCH = SqlFile.read("hours/advance-batch.sql");
    private static final String COMPLETE = SqlFile.read("hours/complete-hours.sql");

    private Completeness() {}

    /** For a batch whose segments are in the ledger and whose usage is merged. Costs what the batch touches, not what there is. */
    public static void merged(Handle handle, long batch, Instant now) {
        // First what was complete without it: that is revised by it.
        complete(handle, Optional.empty(), now);
        execute(handle, REVISE, batch, now);
        for (String statement : NOTE) {
            execute(handle, statement, batch, now);
        }
        Optional<OffsetDateTime> moved = handle.createQuery(ADVANCE_BATCH)
                .bind("batch", batch)
                .bind("now", utc(now))
                .map((row, context) -> Optional.ofNullable(row.getObject(1, OffsetDateTime.class)))
                .one();
        complete(handle, moved.map(OffsetDateTime::toInstant), now);
    }

    /** After a decision about an edge; {@code since}: the earliest time that it may complete. */
    static void decided(Handle handle, String edge, Instant since, Instant now) {
        handle.createQuery("select min(moved_from) from advance_coverage(:edge, :now)")
                .bind("edge", edge)
                .bind("now", utc(now))
                .map((row, context) -> Optional.ofNullable(row.getObject(1, OffsetDateTime.class)))
                .one();
        complete(handle, Optional.of(since), now);
    }

    /** Notes hours that are complete by now, from that one on and behind the last one noted. */
    static void complete(Handle handle, Optional<Instant> since, Instant now) {
        handle.createUpdate(COMPLETE)
                .bind("since", since.map(Completeness::utc).orElse(null))
                .bind("now", utc(now))
                .execute();
    }

    private static void execute(Handle handle, String statement, long batch, Instant now) {
        handle.createUpdate(statement)
                .bind("batch", batch)
                .bind("now", utc(now))
                .execute();
    }

    static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
