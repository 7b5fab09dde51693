package io.counterfoil.jobs.invoice;

import io.counterfoil.accesslog.record.Outcome;
import io.counterfoil.jobs.plans.BillingPeriod;
import io.counterfoil.jobs.plans.PlanVersion;
import io.counterfoil.jobs.rating.Charge;
import io.counterfoil.jobs.rating.Measure;
import io.counterfoil.jobs.rating.Meter;
import io.counterfoil.jobs.rating.Model;
import io.counterfoil.jobs.rating.OnPlanChange;
import io.counterfoil.jobs.rating.PlanRef;
import io.counterfoil.jobs.rating.Price;
import io.counterfoil.jobs.rating.RateCard;

import java.math.BigDecimal;
import java.util.Currency;
import java.util.List;
import java.util.Set;

/** Plans of tests. */
public final class Cards {
    public static final Currency EUR = Currency.getInstance("EUR");
    static final BillingPeriod MONTHLY = new BillingPeriod(BillingPeriod.Interval.MONTHLY, 1);

    private Cards() {}

    static Price price(String text) {
        return Price.parse(text);
    }

    public static PlanVersion version(String name, int version, BillingPeriod period, Charge... charges) {
        return new PlanVersion(
                new PlanRef(name, version),
                period,
                List.of(),
                new PlanVersion.Counted(Set.of(Outcome.SUCCESS), List.of(80, 100)),
                OnPlanChange.CARRY,
                RateCard.of(EUR, charges));
    }

    /** A fee, and a price for each request. */
    public static PlanVersion simple(String name, String fee, String unit) {
        return version(name, 1, MONTHLY, flat(fee), perRequest(unit));
    }

    static Charge flat(String fee) {
        return Charge.flat("base fee", price(fee));
    }

    static Charge perRequest(String unit) {
        return Charge.of("requests", Meter.of(Measure.REQUESTS), new Model.PerUnit(price(unit)));
    }

    static Charge perThousandOver(String included, String unit) {
        return Charge.of(
                "requests",
                Meter.of(Measure.REQUESTS).per(BigDecimal.valueOf(1000)).including(new BigDecimal(included)),
                new Model.PerUnit(price(unit)));
    }
}
