package io.counterfoil.sql.export;

import io.counterfoil.sql.SqlFile;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;

/** The ledger of what was handed over to Stripe as meter events. */
public final class StripeStore {
    private static final String DUE = SqlFile.read("export/stripe-due.sql");
    private static final String BATCH = "select batch, made_at, since, until, events from stripe_batch ";
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
     * @param at now; Stripe takes no later hour
     * @param most the largest value of an event that Stripe takes
     */
    public record Asked(List<Meter> meters, Instant from, Instant to, Instant oldest, Instant at, long most) {
        public Asked {
            meters = List.copyOf(meters);
        }
    }

    /** A batch; {@code to} is exclusive. */
    public record Batch(long number, Instant madeAt, Instant from, Instant to, int events) {}

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
        void fixed(Fixed fixed);
    }

    /** What is done in one turn. */
    @FunctionalInterface
    public interface Work<T> {
        T in(Turn turn) throws IOException;
    }

    /** One run after the other, up to the end of this one's process: no other sees a batch that is fixed and still being written. */
    public <T> T exclusively(Work<T> work) throws IOException {
        return jdbi.withHandle(handle -> {
            // Outside of a transaction: what the next one sees must hold what another run did just now. It ends with
            // the
            // session.
            handle.createQuery("select 1 from pg_advisory_lock(hashtextextended('counterfoil stripe', 0))")
                    .mapTo(Integer.class)
                    .one();
            return work.in(new Turn(handle));
        });
    }

    /** What only one run at a time may do. Not thread-safe. */
    public static final class Turn {
        private final Handle handle;

        private Turn(Handle handle) {
            this.handle = handle;
        }

        /** The first batch of which nobody said that it is written. */
        public Optional<Batch> unwritten() {
            return batch(handle.createQuery(BATCH + "where written_at is null order by batch limit 1"));
        }

        /** Fixes what is sent next, of one state of the database; it counts as sent once this returns. */
        public Fixed fix(Asked asked, BeforeCommit before) {
            return handle.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, transaction -> {
                List<StripeFault> faults = faults(transaction, asked);
                Fixed fixed = new Fixed(
                        bind(transaction.createQuery(SqlFile.read("export/stripe-fix.sql")), asked)
                                .mapTo(Long.class)
                                .findOne()
                                .flatMap(number -> StripeStore.find(transaction, number)),
                        faults);
                before.fixed(fixed);
                return fixed;
            });
        }

        /** Empty where none of that number was fixed. */
        public Optional<Batch> find(long number) {
            return StripeStore.find(handle, number);
        }

        /** Streams a batch's events, always the same in the same order. */
        public void events(long batch, Events events) {
            // In a transaction, or pgjdbc would load all rows at once.
            handle.useTransaction(transaction -> {
                // Between two fetches there may be a slow disk.
                transaction.execute("set local idle_in_transaction_session_timeout = 0");
                transaction
                        .createQuery(SqlFile.read("export/stripe-events.sql"))
                        .bind("batch", batch)
                        .setFetchSize(FETCH_ROWS)
                        .scanResultSet((results, context) -> {
                            try (ResultSet row = results.get()) {
                                give(row, events);
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                            return null;
                        });
            });
        }

        /** The batch's file and manifest are on disk: others may follow. Once more changes nothing. */
        public void written(long batch, Instant at) {
            handle.createUpdate("update stripe_batch set written_at = cast(:at as timestamptz)"
                            + " where batch = :batch and written_at is null")
                    .bind("at", at.toString())
                    .bind("batch", batch)
                    .execute();
        }
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
                .bind("oldest", asked.oldest().toString())
                .bind("at", asked.at().toString())
                .bind("most", asked.most());
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

    private static Optional<Batch> find(Handle handle, long number) {
        return batch(handle.createQuery(BATCH + "where batch = :batch").bind("batch", number));
    }

    private static Optional<Batch> batch(Query query) {
        return query.map((row, context) -> new Batch(
                        row.getLong("batch"),
                        row.getObject("made_at", OffsetDateTime.class).toInstant(),
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

    private static void give(ResultSet row, Events events) throws SQLException, IOException {
        while (row.next()) {
            events.event(new Event(
                    row.getString("identifier"),
                    row.getString("event_name"),
                    row.getLong("second"),
                    row.getString("customer"),
                    row.getLong("value")));
        }
    }
}
