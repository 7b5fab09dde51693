package io.counterfoil.jobs.invoice;

import io.counterfoil.jobs.plans.PlanVersion;
import io.counterfoil.jobs.rating.Charge;
import io.counterfoil.jobs.rating.Measure;
import io.counterfoil.jobs.rating.Meter;
import io.counterfoil.jobs.rating.Model;
import io.counterfoil.jobs.rating.Routes;
import io.counterfoil.jobs.rating.Tier;

import java.math.BigDecimal;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** The part of jobs/bench/invoice in a JVM: {@code ACCOUNTS HOURS}, accounts of ten lines each, drafted and finalised. */
public final class InvoiceBenchMain {
    private static final int ROUTES = 9;
    private static final YearMonth MONTH = YearMonth.of(2026, 10);
    private static final String NOW = "2026-11-05T00:00:00Z";

    private InvoiceBenchMain() {}

    /** Accounts, and in how many hours each used each of nine routes. */
    public static void main(String[] arguments) {
        int accounts = Integer.parseInt(arguments[0]);
        int hours = Integer.parseInt(arguments[1]);
        BilledWorld world = new BilledWorld();
        long plan = world.plan(plan());
        world.jdbi().useHandle(handle -> {
            handle.execute(
                    "do $$ begin execute 'alter database ' || current_database() || ' set synchronous_commit = on'; end $$");
            handle.execute("select create_usage_partition('2026-10-01T00:00:00Z')");
            handle.execute(
                    "insert into account (name, created_at) select 'account ' || i, now() from generate_series(1, ?) i",
                    accounts);
            handle.execute("insert into api_key (account_id, plan_id, label, label_sha256, created_at, version)"
                    + " select account_id, null, 'key ' || account_id, sha256(('key ' || account_id)::bytea), now(), 1"
                    + " from account order by account_id");
            handle.execute(
                    "insert into subscription (account_id, plan_id, since, actor, reason, created_at, in_effect)"
                            + " select account_id, ?, '2026-10-01T00:00:00Z', 'bench', 'bench', now(), true from account"
                            + " order by account_id",
                    plan);
            handle.execute(
                    "insert into usage_hourly (hour, key_id, route, outcome, requests, units, bytes_in, bytes_out,"
                            + " duration_us) select timestamptz '2026-10-01T00:00:00Z' + h * interval '1 hour', key_id,"
                            + " 'route-' || r, 'success', (key_id * 7919 + h * 31 + r) % 5000, 1, 1, 1000, 1"
                            + " from generate_series(1, ?) h, generate_series(1, ?) r, api_key order by 1, 2, 3",
                    hours, ROUTES);
            handle.execute("vacuum analyze");
        });
        say("%,d accounts of %d lines, %,d rows of usage", accounts, ROUTES + 1, (long) accounts * hours * ROUTES);
        long begin = System.nanoTime();
        AtomicLong drafts = new AtomicLong();
        world.job(NOW).draft(MONTH, Optional.empty(), draft -> drafts.incrementAndGet());
        double drafted = seconds(begin);
        begin = System.nanoTime();
        Finalised done = world.job(NOW).finalise(MONTH, Optional.empty(), Optional.empty(), soFar -> {});
        double finalised = seconds(begin);
        if (drafts.get() != accounts || done.invoices() != accounts) {
            throw new IllegalStateException(drafts + " drafts and " + done.invoices() + " invoices of " + accounts);
        }
        say(
                "drafted %.1f s, finalised %.1f s, together %.1f s; total %s; heap of %d MiB",
                drafted,
                finalised,
                drafted + finalised,
                done.totals(),
                Runtime.getRuntime().maxMemory() >> 20);
        System.exit(0);
    }

    private static PlanVersion plan() {
        List<Charge> charges = new ArrayList<>(List.of(Cards.flat("29.00")));
        for (int i = 1; i <= ROUTES; i++) {
            Meter meter = new Meter(
                    Measure.REQUESTS,
                    BigDecimal.valueOf(1000),
                    new Routes(List.of("route-" + i), List.of()),
                    BigDecimal.valueOf(100));
            Model.OfUsage model = i % 2 == 0
                    ? new Model.PerUnit(Cards.price("0.04"))
                    : new Model.Graduated(List.of(
                            new Tier(Optional.of(BigDecimal.ONE), Cards.price("0.05"), Cards.price("0")),
                            new Tier(Optional.empty(), Cards.price("0.025"), Cards.price("0"))));
            charges.add(Charge.of("charge " + i, meter, model));
        }
        return Cards.version("bench", 1, Cards.MONTHLY, charges.toArray(Charge[]::new));
    }

    private static double seconds(long beginNanos) {
        return (System.nanoTime() - beginNanos) / 1e9;
    }

    private static void say(String line, Object... values) {
        System.out.println(String.format(Locale.ROOT, line, values));
    }
}
