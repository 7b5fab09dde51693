package io.counterfoil.sql.rollup;

import io.counterfoil.sql.SqlFile;
import io.counterfoil.sql.hours.Decision;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlStatement;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Second verdicts on segments: who asks for one, and which wait for a rollup. What is asked is judged by one batch, once; a segment
 * has at most one question open.
 */
public final class RepairStore {
    private static final String OPEN = SqlFile.read("rollup/open-repairs.sql");
    private static final String ASK_REPAIR = SqlFile.read("rollup/ask-repair.sql");
    private static final String RETRYABLE = SqlFile.read("rollup/retryable.sql");
    private static final String ASK_RETRY = SqlFile.read("rollup/ask-retry.sql");

    private final Jdbi jdbi;

    public RepairStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * What the ledger holds under a segment's name.
     *
     * @param sha256 as the seal stated it that was judged
     * @param asked whether a second look is open
     */
    public record Judged(boolean quarantined, String sha256, boolean asked) {}

    /** Empty where no rollup has judged it yet. */
    public Optional<Judged> find(SegmentKey segment) {
        return jdbi.withHandle(handle -> on(
                        segment,
                        handle.createQuery("select l.verdict, l.sha256, exists (select from repair r"
                                + " where r.batch_id is null and (r.edge, r.epoch, r.stream, r.number)"
                                + " = (l.edge, l.epoch, l.stream, l.number)) as asked from ledger l"
                                + " where (edge, epoch, stream, number) = (:edge, :epoch, :stream, :number)"))
                .map((row, context) -> new Judged(
                        row.getString("verdict").equals("quarantined"),
                        row.getString("sha256"),
                        row.getBoolean("asked")))
                .findOne());
    }

    /**
     * Asks that a quarantined segment be counted by a copy that lies in the landing.
     *
     * @param copy its number there
     * @param sha256 as the seal states it
     * @return false where the segment is not quarantined, went by another seal, or somebody asked already; nothing was changed
     */
    public boolean askRepair(SegmentKey segment, int copy, String sealJson, String sha256, Decision decision) {
        return jdbi.withHandle(handle -> asked(segment, sealJson, sha256, decision, handle.createUpdate(ASK_REPAIR))
                        .bind("copy", copy)
                        .execute())
                > 0;
    }

    /**
     * Segments with rejects that were too far ahead of the clock then and are not any more.
     *
     * @param edge an edge's or source's name; empty: of all
     * @param latest records from here on are still rejects
     */
    public List<SegmentKey> retryable(Optional<String> edge, Instant latest) {
        return jdbi.withHandle(handle -> handle.createQuery(RETRYABLE)
                .bind("edge", edge.orElse("*"))
                .bind("latest_us", latest.toEpochMilli() * 1000)
                .map((row, context) -> segment(row))
                .list());
    }

    /** Asks that a counted segment's rejects be judged again. Answers as {@link #askRepair}. */
    public boolean askRetry(SegmentKey segment, String sealJson, String sha256, Decision decision) {
        return jdbi.withHandle(handle -> asked(segment, sealJson, sha256, decision, handle.createUpdate(ASK_RETRY))
                        .execute())
                > 0;
    }

    /** What waits for a rollup, oldest first. */
    List<OpenRepair> open(int limit) {
        return jdbi.withHandle(handle -> handle.createQuery(OPEN)
                .bind("limit", limit)
                .map((row, context) ->
                        new OpenRepair(row.getLong("repair_id"), segment(row), row.getString("seal"), positions(row)))
                .list());
    }

    private static Optional<Set<Long>> positions(ResultSet row) throws SQLException {
        Array positions = row.getArray("positions");
        return positions == null
                ? Optional.empty()
                : Optional.of(Arrays.stream((Long[]) positions.getArray()).collect(Collectors.toSet()));
    }

    private static SegmentKey segment(ResultSet row) throws SQLException {
        return new SegmentKey(
                row.getString("edge"), row.getString("epoch"), row.getInt("stream"), row.getLong("number"));
    }

    private static <T extends SqlStatement<T>> T on(SegmentKey segment, T statement) {
        return statement
                .bind("edge", segment.edge())
                .bind("epoch", segment.epoch())
                .bind("stream", segment.stream())
                .bind("number", segment.number());
    }

    private static <T extends SqlStatement<T>> T asked(
            SegmentKey segment, String sealJson, String sha256, Decision decision, T statement) {
        return on(segment, statement)
                .bind("seal", sealJson)
                .bind("sha256", sha256)
                .bind("now", decision.at().atOffset(ZoneOffset.UTC))
                .bind("actor", decision.actor())
                .bind("why", decision.reason());
    }
}
