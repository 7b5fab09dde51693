package io.counterfoil.sql.hours;

import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.SqlFile;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** The edges whose logs an hour waits for, each with the times in which it does. */
public final class EdgeRosterStore {
    private static final String REGISTER_EPOCH = SqlFile.read("hours/register-epoch.sql");
    private static final String NAME_EPOCH = SqlFile.read("hours/name-registered-epoch.sql");

    private final Jdbi jdbi;

    public EdgeRosterStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Puts an edge that runs on the roster; does nothing where it is on it. Hours wait for it from the epoch's beginning on, at most
     * a day back.
     *
     * @param epoch that it has begun; before it there was none that hours wait for, if it was not on the roster. Empty where it keeps
     *     no log
     */
    public void register(String edge, Optional<String> epoch, Instant now) {
        jdbi.useTransaction(handle -> {
            handle.createUpdate(REGISTER_EPOCH)
                    .bind("edge", edge)
                    .bind("epoch", epoch.orElse(null))
                    .bind("now", Completeness.utc(now))
                    .execute();
            epoch.ifPresent(begun -> handle.createUpdate(NAME_EPOCH)
                    .bind("edge", edge)
                    .bind("epoch", begun)
                    .bind("now", Completeness.utc(now))
                    .execute());
        });
    }

    /**
     * Puts an edge on the roster by hand, from a time on. It names its first epoch when it starts; one that cannot does so by its
     * first segment.
     *
     * @throws OperatorException category INPUT where it is on the roster at that time or later
     */
    public void register(String edge, Instant since, Decision decision) {
        jdbi.useTransaction(handle -> {
            ControlVersion.hold(handle);
            latest(handle, edge)
                    .filter(interval -> interval.until().map(since::isBefore).orElse(true))
                    .ifPresent(interval -> {
                        throw OperatorException.input("edge " + edge + " is on the roster from " + interval.since()
                                + interval.until().map(until -> " to " + until).orElse(" on") + ", --since is " + since
                                + "; expected a time after that");
                    });
            handle.createUpdate("insert into edge_roster (edge, since, through) values (:edge, :since, :since)")
                    .bind("edge", edge)
                    .bind("since", Completeness.utc(since))
                    .execute();
            decision.record(handle, "register", edge, Optional.empty(), Optional.of(since));
        });
    }

    /**
     * Ends the time in which hours wait for an edge.
     *
     * @return up to when its log is proven; where that is before {@code until}, hours still wait for the rest
     * @throws OperatorException category INPUT where it is not on the roster, or was there until an hour later than that
     */
    public Instant retire(String edge, Instant until, Decision decision) {
        return jdbi.inTransaction(handle -> {
            ControlVersion.hold(handle);
            Interval interval = latest(handle, edge)
                    .filter(each -> each.until().isEmpty())
                    .orElseThrow(() -> OperatorException.input("edge " + edge
                            + " is not on the roster now, nothing waits for it; see counterfoil hours --incomplete"));
            if (until.isAfter(decision.at())) {
                throw OperatorException.input("--at is " + until + ", expected a time that has passed, now is "
                        + decision.at().truncatedTo(ChronoUnit.SECONDS));
            }
            if (!until.isAfter(interval.since())) {
                throw OperatorException.input("--at is " + until + ", but edge " + edge + " is on the roster from "
                        + interval.since() + " on; expected a later time");
            }
            Instant logged = logged(handle, interval);
            if (until.isBefore(logged.truncatedTo(ChronoUnit.HOURS))) {
                throw OperatorException.input("--at is " + until + ", but the log of edge " + edge + " goes on to "
                        + logged + "; expected a time in that hour or later");
            }
            handle.createUpdate("update edge_roster set until = :until, through = least(through, :until)"
                            + " where edge = :edge and since = :since")
                    .bind("until", Completeness.utc(until))
                    .bind("edge", edge)
                    .bind("since", Completeness.utc(interval.since()))
                    .execute();
            decision.record(handle, "retire", edge, interval.epoch(), Optional.of(until));
            Completeness.decided(handle, edge, interval.through(), decision.at());
            return latest(handle, edge).orElseThrow().through();
        });
    }

    /** Whether an edge of that name is on it, retired or not. */
    public boolean contains(String edge) {
        return jdbi.withHandle(handle -> handle.createQuery("select count(*) > 0 from edge_roster where edge = :edge")
                .bind("edge", edge)
                .mapTo(Boolean.class)
                .one());
    }

    private record Interval(
            String edge, Instant since, Optional<Instant> until, Instant through, Optional<String> epoch) {}

    private static Optional<Interval> latest(Handle handle, String edge) {
        return handle.createQuery("select since, until, through, coalesce(reached_epoch, first_epoch) as epoch"
                        + " from edge_roster where edge = :edge order by since desc limit 1")
                .bind("edge", edge)
                .map((row, context) -> new Interval(
                        edge,
                        row.getObject("since", OffsetDateTime.class).toInstant(),
                        Optional.ofNullable(row.getObject("until", OffsetDateTime.class))
                                .map(OffsetDateTime::toInstant),
                        row.getObject("through", OffsetDateTime.class).toInstant(),
                        Optional.ofNullable(row.getString("epoch"))))
                .findOne();
    }

    /** How far any stream of the epoch goes that it is followed to. */
    private static Instant logged(Handle handle, Interval interval) {
        return handle.createQuery("select greatest(:through, time_of_micros(max(through_us))) from stream_coverage"
                        + " where edge = :edge and epoch = :epoch")
                .bind("through", Completeness.utc(interval.through()))
                .bind("edge", interval.edge())
                .bind("epoch", interval.epoch().orElse(null))
                .mapTo(OffsetDateTime.class)
                .one()
                .toInstant();
    }
}
