package io.counterfoil.schedules.demo;

import io.counterfoil.accesslog.record.Outcome;
import io.counterfoil.jobs.invoice.InvoiceJob;
import io.counterfoil.jobs.plans.BillingPeriod;
import io.counterfoil.jobs.plans.Catalogue;
import io.counterfoil.jobs.plans.Plan;
import io.counterfoil.jobs.plans.PlanApply;
import io.counterfoil.jobs.plans.PlanVersion;
import io.counterfoil.jobs.rating.Charge;
import io.counterfoil.jobs.rating.Measure;
import io.counterfoil.jobs.rating.Meter;
import io.counterfoil.jobs.rating.Model;
import io.counterfoil.jobs.rating.OnPlanChange;
import io.counterfoil.jobs.rating.PlanRef;
import io.counterfoil.jobs.rating.Price;
import io.counterfoil.jobs.rating.RateCard;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.account.SellerStore;
import io.counterfoil.sql.account.SubscriptionStore;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.hours.SourceStore;
import org.jdbi.v3.core.Jdbi;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Clock;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Currency;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Bills an imported log, month by month: one account, one price for each request that was answered without an error. */
final class DemoBill {
    private static final Currency CURRENCY = Currency.getInstance("EUR");
    private static final BigDecimal PRICE = new BigDecimal("0.0005");
    private static final String PLAN = "demo-rates";

    private final Jdbi jdbi;
    private final String source;
    private final Clock clock;

    DemoBill(Jdbi jdbi, String source, Clock clock) {
        this.jdbi = jdbi;
        this.source = source;
        this.clock = clock;
    }

    /** An invoice, as it lies in the database. */
    record Billed(YearMonth month, long number, long requests, BigDecimal total) {
        /** Worked out from the month's requests alone. */
        boolean isFor(long expected) {
            return requests == expected
                    && total.compareTo(
                                    PRICE.multiply(BigDecimal.valueOf(expected)).setScale(2, RoundingMode.HALF_UP))
                            == 0;
        }
    }

    /** Makes the invoices of all months of the log that have ended. */
    List<Billed> run(Instant first, Instant last) {
        Instant now = clock.instant();
        Decision decision = new Decision("demo", "the log is whole", now);
        new SellerStore(jdbi)
                .save(new SellerStore.Seller("Demo Seller", Optional.empty(), Optional.empty(), Optional.empty()), now);
        new SourceStore(jdbi).close(source, Optional.empty(), decision);
        new PlanApply(jdbi).run(new Catalogue(List.of(new Plan(PLAN, List.of(version())))), false, now);
        new SubscriptionStore(jdbi)
                .subscribe(new SubscriptionStore.Change(
                        new SubscriptionStore.Subject(new AccountStore(jdbi).require(source), Optional.empty()),
                        first.truncatedTo(ChronoUnit.HOURS),
                        Optional.of(new PlanStore(jdbi).require(PLAN)),
                        decision,
                        "demo"));
        InvoiceJob job = new InvoiceJob(jdbi, clock);
        YearMonth end = YearMonth.from(last.atOffset(ZoneOffset.UTC));
        for (YearMonth month = YearMonth.from(first.atOffset(ZoneOffset.UTC));
                !month.isAfter(end);
                month = month.plusMonths(1)) {
            job.finalise(month, Optional.empty(), Optional.empty(), soFar -> {});
        }
        return billed();
    }

    private static PlanVersion version() {
        return new PlanVersion(
                new PlanRef(PLAN, 1),
                new BillingPeriod(BillingPeriod.Interval.MONTHLY, 1),
                List.of(),
                new PlanVersion.Counted(Set.of(Outcome.SUCCESS), List.of(80, 100)),
                OnPlanChange.CARRY,
                RateCard.of(
                        CURRENCY,
                        Charge.of("requests", Meter.of(Measure.REQUESTS), new Model.PerUnit(new Price(PRICE)))));
    }

    private List<Billed> billed() {
        return new ArrayList<>(jdbi.withHandle(handle -> handle.createQuery(
                        "select to_char(i.period_from at time zone 'UTC', 'YYYY-MM') as month, i.number,"
                                + " sum(l.quantity)::bigint as requests, i.total from invoice i"
                                + " join invoice_line l using (number) group by i.number order by i.number")
                .map((row, context) -> new Billed(
                        YearMonth.parse(row.getString("month")),
                        row.getLong("number"),
                        row.getLong("requests"),
                        row.getBigDecimal("total")))
                .list()));
    }
}
