package io.counterfoil.sql.hours;

import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.OperatorException;
import org.jdbi.v3.core.Jdbi;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/** Imported logs. Hours from a source's first record on are incomplete until somebody says that all of it is in. */
public final class SourceStore {
    private final Jdbi jdbi;

    public SourceStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Takes a run of an instance's batches. */
    @FunctionalInterface
    public interface BatchRuns {
        void run(String instance, long first, long last);
    }

    /** Tells which batches of the source were counted. */
    public void countedBatches(String source, BatchRuns to) {
        jdbi.useHandle(handle -> handle.createQuery(
                        "select i.instance, lower(r.run) as first, upper(r.run) - 1 as last from source_instance i,"
                                + " unnest(i.batches) r (run) where i.source = :source")
                .bind("source", source)
                .map((row, context) -> {
                    to.run(row.getString("instance"), row.getLong("first"), row.getLong("last"));
                    return row.getString("instance");
                })
                .list());
    }

    /**
     * Says that everything of a source up to a time is in; empty: that nothing more is coming. The last word counts, also where it
     * takes back an earlier one. What is imported later for these hours is counted all the same, and revises them.
     *
     * @throws OperatorException category INPUT where nothing of such a source was counted, or the time is before its first hour
     */
    public void close(String source, Optional<Instant> through, Decision decision) {
        jdbi.useTransaction(handle -> {
            ControlVersion.hold(handle);
            Instant since = handle.createQuery("select since from source where source = :source for update")
                    .bind("source", source)
                    .mapTo(OffsetDateTime.class)
                    .findOne()
                    .orElseThrow(() -> OperatorException.input("source '" + source
                            + "' is not known: nothing imported under that name was counted yet. Run counterfoil job"
                            + " rollup first, or see the names: counterfoil hours --incomplete"))
                    .toInstant();
            through.filter(time -> time.isBefore(since)).ifPresent(time -> {
                throw OperatorException.input("--through is " + time + ", but the source's first record is in the hour "
                        + since + "; expected a later time");
            });
            handle.createUpdate(
                            "update source set closed_through = coalesce(:through::timestamptz, 'infinity'), closed_at = :now"
                                    + " where source = :source")
                    .bind("through", through.map(Completeness::utc).orElse(null))
                    .bind("now", Completeness.utc(decision.at()))
                    .bind("source", source)
                    .execute();
            decision.record(handle, "close source", source, Optional.empty(), through);
            Completeness.complete(handle, Optional.of(since), decision.at());
        });
    }
}
