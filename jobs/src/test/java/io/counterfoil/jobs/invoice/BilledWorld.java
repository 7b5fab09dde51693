package io.counterfoil.jobs.invoice;

import io.counterfoil.jobs.plans.PlanJson;
import io.counterfoil.jobs.plans.PlanVersion;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.rollup.Merge;
import io.counterfoil.sql.rollup.PlannedSegment;
import io.counterfoil.sql.rollup.RollupStore;
import io.counterfoil.sql.rollup.SegmentKey;
import io.counterfoil.sql.rollup.StagedAttempt;
import io.counterfoil.sql.rollup.StagedSegment;
import io.counterfoil.sql.rollup.StagingWriter;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Jdbi;

import java.time.Instant;
import java.time.InstantSource;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/** A database with a seller, whose hours are all complete; plans, accounts and keys as a test wants them, and usage by real merges. */
public final class BilledWorld {
    private static final String EPOCH = "1700000000-0123456789abcdef";

    private final TestDatabase database = TestDatabase.fresh();
    private final Jdbi jdbi = database.jdbi();
    private final AtomicLong segments = new AtomicLong();

    /** What was used of a key in an hour on a route, with an outcome. */
    public record Used(long key, Instant hour, String route, String outcome, long requests, long units, long bytesOut) {
        /** Successes on a route. */
        public static Used of(long key, String hour, long requests) {
            return new Used(key, Instant.parse(hour), "items", "success", requests, requests, requests * 1000);
        }
    }

    public BilledWorld() {
        jdbi.useHandle(handle -> {
            handle.execute("insert into seller (name, updated_at) values ('Seller & Sons', now())");
            handle.execute("insert into edge_roster (edge, since, through) values ('e1', '2015-01-01T00:00:00Z',"
                    + " '2040-01-01T00:00:00Z')");
        });
    }

    public TestDatabase database() {
        return database;
    }

    public Jdbi jdbi() {
        return jdbi;
    }

    public long plan(PlanVersion version) {
        return jdbi.withHandle(handle -> handle.createQuery("insert into plan (name, version, created_at, definition,"
                        + " period_interval, anchor_day, currency, billable_outcomes) values (:name, :version, now(),"
                        + " :definition::jsonb, :interval, :anchor, :currency, :billable) returning plan_id")
                .bind("name", version.ref().plan())
                .bind("version", version.ref().version())
                .bind("definition", PlanJson.write(version))
                .bind("interval", version.period().interval().text())
                .bind("anchor", version.period().anchorDay())
                .bind("currency", version.card().currency().getCurrencyCode())
                .bindArray(
                        "billable",
                        String.class,
                        version.counted().billable().stream()
                                .map(outcome -> outcome.text())
                                .sorted()
                                .toArray())
                .mapTo(Long.class)
                .one());
    }

    public long account(String name) {
        return account(name, "UTC");
    }

    public long account(String name, String zone) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "insert into account (name, time_zone, created_at) values (:name, :zone, now())"
                                + " returning account_id")
                .bind("name", name)
                .bind("zone", zone)
                .mapTo(Long.class)
                .one());
    }

    public long key(long account, String label) {
        new KeyStore(jdbi)
                .create(
                        List.of(new KeyStore.NewKey(account, Optional.empty(), label, Optional.empty(), "test")),
                        Instant.parse("2020-01-01T00:00:00Z"));
        return jdbi.withHandle(handle -> handle.createQuery("select key_id from api_key where label = :label")
                .bind("label", label)
                .mapTo(Long.class)
                .one());
    }

    /** From an hour on: a plan's version, or none. */
    public void subscribe(long account, Optional<Long> key, Optional<Long> plan, String since) {
        jdbi.useHandle(handle -> handle.createUpdate("insert into subscription (account_id, key_id, plan_id, since,"
                        + " actor, reason, created_at, in_effect) values (:account, :key, :plan, :since::timestamptz,"
                        + " 'test', 'test', now(), true)")
                .bind("account", account)
                .bind("key", key.orElse(null))
                .bind("plan", plan.orElse(null))
                .bind("since", since)
                .execute());
    }

    /** One batch, by the real merge. */
    public void merge(List<Used> rows, Instant now) {
        staged(rows, now).run();
    }

    /** A batch that only waits to be merged. */
    public Runnable staged(List<Used> rows, Instant now) {
        long records = rows.stream().mapToLong(Used::requests).sum();
        SegmentKey segment = new SegmentKey("e1", EPOCH, 0, segments.incrementAndGet());
        String seal = "{\"first_seq\": 1, \"last_seq\": 0, \"first_ts_us\": 0, \"last_ts_us\": 0, \"through_us\": 0,"
                + " \"end_of_stream\": false, \"sha256\": \"00\", \"streams\": 1, \"served\": " + records
                + ", \"bytes\": 0, \"unlogged\": {}}";
        long batch = new RollupStore(jdbi).plan(List.of(new PlannedSegment(segment, seal, OptionalLong.empty())), now);
        StagedAttempt attempt =
                staged(batch, rows, new StagedSegment(segment, StagedSegment.Quarantine.NONE, records, 0));
        return () -> {
            if (!new Merge(jdbi).merge(batch, 1, List.of(attempt), now, now).committed()) {
                throw new IllegalStateException("the batch was not merged");
            }
        };
    }

    private StagedAttempt staged(long batch, List<Used> rows, StagedSegment verdict) {
        try {
            return new StagingWriter(database.source())
                    .write(
                            batch,
                            0,
                            1,
                            out -> {
                                for (Used row : rows) {
                                    out.row(
                                            row.hour().getEpochSecond(),
                                            row.key(),
                                            row.route(),
                                            row.outcome(),
                                            new long[] {row.requests(), row.units(), 0, row.bytesOut(), 1},
                                            0);
                                }
                            },
                            List.of(verdict),
                            List.of());
        } catch (Exception e) {
            throw new IllegalStateException("cannot stage", e);
        }
    }

    public InvoiceJob job(String now) {
        return new InvoiceJob(jdbi, InstantSource.fixed(Instant.parse(now)));
    }

    public List<Draft> drafts(String month, String now) {
        List<Draft> drafts = new ArrayList<>();
        job(now).draft(YearMonth.parse(month), Optional.empty(), drafts::add);
        return drafts;
    }

    public Finalised finalise(String month, String now) {
        return job(now).finalise(YearMonth.parse(month), Optional.empty(), Optional.empty(), done -> {});
    }

    public Finalised finaliseIncomplete(String month, String now) {
        Decision decision = new Decision("erin", "the edge burnt", Instant.parse(now));
        return job(now).finalise(YearMonth.parse(month), Optional.empty(), Optional.of(decision), done -> {});
    }

    /** One text a row. */
    public List<String> texts(String sql) {
        return new ArrayList<>(jdbi.withHandle(
                handle -> handle.createQuery(sql).mapTo(String.class).list()));
    }

    /** "number account period net tax total" of all invoices and credits. */
    public List<String> invoices() {
        return texts("select number || ' ' || a.name || ' ' || to_char(period_from at time zone 'UTC', 'YYYY-MM-DD')"
                + " || ' ' || net || ' ' || tax || ' ' || total from invoice join account a using (account_id)"
                + " order by number");
    }

    static Instant hour(String text) {
        return Instant.parse(text).atOffset(ZoneOffset.UTC).toInstant();
    }
}
