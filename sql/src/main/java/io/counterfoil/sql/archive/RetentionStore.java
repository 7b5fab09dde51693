package io.counterfoil.sql.archive;

import io.counterfoil.sql.SqlFile;
import io.counterfoil.sql.rollup.SegmentKey;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;

import java.time.Instant;
import java.util.List;

/** Which segments the landing need not hold any more. */
public final class RetentionStore {
    private static final String UNMARK = SqlFile.read("archive/unmark-asked.sql");
    private static final String MARK = SqlFile.read("archive/retained.sql");

    private final Jdbi jdbi;

    public RetentionStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** A segment that is marked; {@code imported}: its seal tells a later import what was read already, and has to stay. */
    public record Marked(SegmentKey segment, boolean imported) {}

    /**
     * Marks what may go, durably.
     *
     * @return how many segments
     */
    public int mark(Instant before, Instant now, int maxSegments) {
        return jdbi.inTransaction(handle -> {
            int marked = handle.createUpdate(MARK)
                    .bind("before", ArchiveStore.utc(before))
                    .bind("now", ArchiveStore.utc(now))
                    .bind("max_segments", maxSegments)
                    .execute();
            return marked
                    - handle.createUpdate(UNMARK)
                            .bind("now", ArchiveStore.utc(now))
                            .execute();
        });
    }

    /** What is marked and may still be there, a part of it at a time. */
    public List<Marked> marked(int atMost) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select edge, epoch, stream, number, coalesce(imported, true) and not collected as imported from ledger"
                                + " where deleting_at is not null and deleted_at is null order by deleting_at limit :most")
                .bind("most", atMost)
                .map((row, context) -> new Marked(
                        new SegmentKey(
                                row.getString("edge"),
                                row.getString("epoch"),
                                row.getInt("stream"),
                                row.getLong("number")),
                        row.getBoolean("imported")))
                .list());
    }

    public void deleted(List<Marked> segments, Instant now) {
        jdbi.useTransaction(handle -> {
            PreparedBatch rows = handle.prepareBatch("update ledger set deleted_at = :now where edge = :edge and"
                    + " epoch = :epoch and stream = :stream and number = :number");
            for (Marked each : segments) {
                rows.bind("now", ArchiveStore.utc(now))
                        .bind("edge", each.segment().edge())
                        .bind("epoch", each.segment().epoch())
                        .bind("stream", each.segment().stream())
                        .bind("number", each.segment().number())
                        .add();
            }
            rows.execute();
        });
    }

    /**
     * Folds the ledger's rows of what is gone from the landing into runs, a part of them at a time: what is kept for ever grows with
     * the streams, not with their segments.
     *
     * @return how many segments; fewer than asked for where no more can be folded
     */
    public int fold(int maxSegments) {
        return jdbi.inTransaction(handle -> handle.createQuery("select fold_ledger(:most)")
                .bind("most", maxSegments)
                .mapTo(Integer.class)
                .one());
    }
}
