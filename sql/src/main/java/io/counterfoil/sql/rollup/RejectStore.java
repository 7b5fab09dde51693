package io.counterfoil.sql.rollup;

import org.jdbi.v3.core.Jdbi;

import java.util.Optional;

/** Where rejected lines are. Their text is not in the database. */
public final class RejectStore {
    private final Jdbi jdbi;

    public RejectStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** The reject of that segment whose line begins at that byte of {@link StagedReject#file}. */
    public Optional<StagedReject> find(SegmentKey segment, long bytePosition) {
        return jdbi.withHandle(handle -> handle.createQuery("select file, line, bytes, reason from reject"
                        + " where edge = :edge and epoch = :epoch and stream = :stream and number = :number"
                        + " and byte_position = :position")
                .bind("edge", segment.edge())
                .bind("epoch", segment.epoch())
                .bind("stream", segment.stream())
                .bind("number", segment.number())
                .bind("position", bytePosition)
                .map((row, context) -> new StagedReject(
                        segment,
                        row.getString("file"),
                        row.getLong("line"),
                        bytePosition,
                        row.getLong("bytes"),
                        row.getString("reason")))
                .findOne());
    }
}
