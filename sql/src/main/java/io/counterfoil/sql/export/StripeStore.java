package io.counterfoil.sql.export;

import io.counterfoil.sql.SqlFile;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;

/** The ledger of what was handed over to Stripe as meter events. */
public final class StripeStore {
    private static final String DUE = SqlFile.read("export/stripe-due.sql");
    private static final int FETCH_ROWS = 5000;

    private final Jdbi jdbi;

    public StripeStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * A measure and the event's name that its usage is sent under.
     *
     * @param measure requests, units or bytes_out
     */
    public record Meter(String measure, String event) {}

    /**
     * What is to be sent.
     *
     * @param to exclusive
     * @param oldest the first hour that Stripe takes
     * @param at now
     */
    public record Asked(List<Meter> meters, Instant from, Instant to, Instant oldest, Instant at) {
        public Asked {
            meters = List.copyOf(meters);
        }
    }

    /** A batch; {@code to} is exclusive. */
    public record Batch(long number, Instant from, Instant to, int events) {}

    /**
     * What was fixed.
     *
     * @param batch empty where nothing is due
     * @param faults what is due and is not in it
     */
    public record Fixed(Optional<Batch> batch, List<StripeFault> faults) {
        public Fixed {
            faults = List.copyOf(faults);
        }
    }

    /** Called with what is about to be fixed; what it throws undoes it. */
    @FunctionalInterface
    public interface BeforeCommit {
        void fixed(Fixed fixed) throws IOException;
    }

    /** Fixes what is sent next, of one state of the database, one run after the other; it counts as sent once this returns. */
    public Fixed fix(Asked asked, BeforeCommit before) throws IOException {
        return jdbi.withHandle(handle -> {
            // Before the transaction: what it sees must hold what another run fixed just now. It ends with the session.
            handle.createQuery("select 1 from pg_advisory_lock(hashtextextended('counterfoil stripe', 0))")
                    .mapTo(Integer.class)
                    .one();
            return handle.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, transaction -> {
                List<StripeFault> faults = faults(transaction, asked);
                Fixed fixed = new Fixed(
                        bind(transaction.createQuery(SqlFile.read("export/stripe-fix.sql")), asked)
                                .bind("at", asked.at().toString())
                                .mapTo(Long.class)
                                .findOne()
                                .flatMap(number -> find(transaction, number)),
                        faults);
                before.fixed(fixed);
                return fixed;
            });
        });
    }

    private static Query bind(Query query, Asked asked) {
        return query.define("due", DUE)
                .bindArray(
                        "measures",
                        String.class,
                        asked.meters().stream().map(Meter::measure).toList())
                .bindArray(
                        "events",
                        String.class,
                        asked.meters().stream().map(Meter::event).toList())
                .bind("from", asked.from().toString())
                .bind("to", asked.to().toString())
                .bind("oldest", asked.oldest().toString());
    }

    private static List<StripeFault> faults(Handle handle, Asked asked) {
        return bind(handle.createQuery(SqlFile.read("export/stripe-faults.sql")), asked)
                .map((row, context) -> new StripeFault(
                        StripeFault.Reason.of(row.getString("fault")),
                        row.getString("account"),
                        row.getString("event_name"),
                        row.getObject("first_hour", OffsetDateTime.class).toInstant(),
                        row.getObject("last_hour", OffsetDateTime.class).toInstant(),
                        row.getLong("hours"),
                        row.getBigDecimal("used"),
                        row.getBigDecimal("sent")))
                .list();
    }

    /** Empty where none of that number was fixed. */
    public Optional<Batch> find(long number) {
        return jdbi.withHandle(handle -> find(handle, number));
    }

    private static Optional<Batch> find(Handle handle, long number) {
        return handle.createQuery("select batch, since, until, events from stripe_batch where batch = :batch")
                .bind("batch", number)
                .map((row, context) -> new Batch(
                        row.getLong("batch"),
                        row.getObject("since", OffsetDateTime.class).toInstant(),
                        row.getObject("until", OffsetDateTime.class).toInstant(),
                        row.getInt("events")))
                .findOne();
    }

    /** The last one that was fixed. */
    public Optional<Long> last() {
        return jdbi.withHandle(handle -> handle.createQuery("select max(batch) from stripe_batch")
                .mapTo(Long.class)
                .findOne());
    }

    /** An event, as it is sent; {@code second} is its hour's first of the Unix epoch. */
    public record Event(String identifier, String event, long second, String customer, long value) {}

    /** Takes one event. */
    @FunctionalInterface
    public interface Events {
        void event(Event event) throws IOException;
    }

    /** Streams a batch's events, always the same in the same order. */
    public void events(long batch, Events events) {
        // In a transaction, or pgjdbc would load all rows at once.
        jdbi.useTransaction(handle -> handle.createQuery(SqlFile.read("export/stripe-events.sql"))
                .bind("batch", batch)
                .setFetchSize(FETCH_ROWS)
                .scanResultSet((results, context) -> {
                    try (ResultSet row = results.get()) {
                        while (row.next()) {
                            events.event(new Event(
                                    row.getString("identifier"),
                                    row.getString("event_name"),
                                    row.getLong("second"),
                                    row.getString("customer"),
                                    row.getLong("value")));
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    return null;
                }));
    }
}
