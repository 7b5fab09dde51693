package io.counterfoil.sql.hours;

import io.counterfoil.sql.OperatorException;
import org.jdbi.v3.core.Jdbi;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What sources' platforms say they served, to be held against what was counted of them. */
public final class ControlTotalStore {
    private final Jdbi jdbi;

    public ControlTotalStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * What a platform says of an hour.
     *
     * @param estimate it samples or rounds: a difference proves nothing
     */
    public record Total(String source, Instant hour, long requests, boolean estimate) {}

    /**
     * Keeps it; the newest of an hour holds.
     *
     * @return how many requests of the source were counted in that hour
     * @throws OperatorException category INPUT where no such source is known, or the time is not an hour's beginning
     */
    public long enter(Total total, Decision decision) {
        if (!total.hour().equals(total.hour().truncatedTo(ChronoUnit.HOURS))) {
            throw OperatorException.input(
                    "--hour is " + total.hour() + ", expected the beginning of an hour, as 2026-10-31T13:00:00Z");
        }
        if (total.requests() < 0) {
            throw OperatorException.input("--requests is " + total.requests() + ", expected 0 or more");
        }
        return jdbi.inTransaction(handle -> {
            boolean known = handle.createQuery("select exists (select from source where source = :source)")
                    .bind("source", total.source())
                    .mapTo(Boolean.class)
                    .one();
            if (!known) {
                throw OperatorException.input("source '" + total.source()
                        + "' is not known: nothing under that name was counted yet; see the names: counterfoil report"
                        + " sources");
            }
            handle.createUpdate(
                            "insert into control_total (source, hour, requests, estimate, entered_at, actor, reason)"
                                    + " values (:source, :hour, :requests, :estimate, :at, :actor, :reason)")
                    .bind("source", total.source())
                    .bind("hour", Completeness.utc(total.hour()))
                    .bind("requests", total.requests())
                    .bind("estimate", total.estimate())
                    .bind("at", Completeness.utc(decision.at()))
                    .bind("actor", decision.actor())
                    .bind("reason", decision.reason())
                    .execute();
            return handle.createQuery("select requests from source_hour where source = :source and hour = :hour")
                    .bind("source", total.source())
                    .bind("hour", Completeness.utc(total.hour()))
                    .mapTo(Long.class)
                    .findOne()
                    .orElse(0L);
        });
    }
}
