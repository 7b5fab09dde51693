package io.counterfoil.jobs.invoice;

import io.counterfoil.accesslog.record.Outcome;
import io.counterfoil.jobs.invoice.BilledWorld.Used;
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
import io.counterfoil.jobs.rating.Tier;
import io.counterfoil.sql.hours.Decision;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.Currency;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import static org.assertj.core.api.Assertions.assertThat;

/** What is counted after a period was billed: on the next invoice, once. */
final class AdjustmentTest {
    private final BilledWorld world = new BilledWorld();
    private final long account = world.account("Acme");
    private final long key = world.key(account, "acme-1");

    private void late(String hour, long requests) {
        world.merge(List.of(Used.of(key, hour, requests)), Instant.parse("2026-11-20T00:00:00Z"));
    }

    private void subscribed(String fee, String unit) {
        world.subscribe(
                account,
                Optional.empty(),
                Optional.of(world.plan(Cards.simple("team", fee, unit))),
                "2026-09-01T00:00:00Z");
    }

    private List<String> adjustments() {
        return world.texts("select number || ' ' || adjusts || ' ' || amount || ' ' || (detail->'added')::text"
                + " from invoice_line where kind = 'adjustment' order by number, line");
    }

    @Test
    void isTheWholePeriodRatedAnewLessAllThatWasInvoicedForIt() {
        subscribed("10.00", "0.01");
        late("2026-09-10T05:00:00Z", 100);
        world.finalise("2026-09", "2026-10-05T00:00:00Z");
        late("2026-09-10T05:00:00Z", 40);
        late("2026-09-11T06:00:00Z", 2);
        world.finalise("2026-10", "2026-11-05T00:00:00Z");
        late("2026-09-10T05:00:00Z", 1);
        world.finalise("2026-11", "2026-12-05T00:00:00Z");
        world.finalise("2026-12", "2027-01-05T00:00:00Z");

        assertThat(world.invoices())
                .containsExactly(
                        "1 Acme 2026-09-01 11.00 0.00 11.00",
                        "2 Acme 2026-10-01 10.42 0.00 10.42",
                        "3 Acme 2026-11-01 10.01 0.00 10.01",
                        "4 Acme 2026-12-01 10.00 0.00 10.00");
        assertThat(adjustments())
                .containsExactly(
                        "2 1 0.42 [{\"hour\": \"2026-09-10T05:00:00Z\", \"units\": \"40\", \"requests\": \"40\","
                                + " \"bytes_out\": \"40000\"}, {\"hour\": \"2026-09-11T06:00:00Z\", \"units\": \"2\","
                                + " \"requests\": \"2\", \"bytes_out\": \"2000\"}]",
                        "3 1 0.01 [{\"hour\": \"2026-09-10T05:00:00Z\", \"units\": \"1\", \"requests\": \"1\","
                                + " \"bytes_out\": \"1000\"}]");
    }

    @Test
    void standsOnTheNextInvoiceAlsoWhereItCostsNothing() {
        world.subscribe(
                account,
                Optional.empty(),
                Optional.of(world.plan(Cards.version("free", 1, Cards.MONTHLY, Cards.perThousandOver("1000", "5.00")))),
                "2026-09-01T00:00:00Z");
        world.finalise("2026-09", "2026-10-05T00:00:00Z");
        late("2026-09-10T05:00:00Z", 40);
        world.finalise("2026-10", "2026-11-05T00:00:00Z");
        world.finalise("2026-11", "2026-12-05T00:00:00Z");

        assertThat(world.texts("select number || ' ' || amount from invoice_line where kind = 'adjustment'"))
                .containsExactly("2 0.00");
    }

    @Test
    void getsAnInvoiceOfItsOwnWhereTheAccountHasNoPlanAnyMore() {
        subscribed("10.00", "0.01");
        world.subscribe(account, Optional.empty(), Optional.empty(), "2026-10-01T00:00:00Z");
        late("2026-09-10T05:00:00Z", 100);
        world.finalise("2026-09", "2026-10-05T00:00:00Z");
        world.finalise("2026-10", "2026-11-05T00:00:00Z");
        late("2026-09-10T05:00:00Z", 5);
        assertThat(world.invoices()).hasSize(1);

        world.finalise("2026-10", "2026-11-06T00:00:00Z");
        world.finalise("2026-11", "2026-12-06T00:00:00Z");

        assertThat(world.invoices())
                .containsExactly("1 Acme 2026-09-01 11.00 0.00 11.00", "2 Acme 2026-10-01 0.05 0.00 0.05");
    }

    @Test
    void isTaxedWithTheRest() {
        world.jdbi().useHandle(handle -> handle.execute("update account set tax_name = 'VAT', tax_percent = 19"));
        subscribed("10.00", "1.00");
        world.finalise("2026-09", "2026-10-05T00:00:00Z");
        late("2026-09-10T05:00:00Z", 10);
        world.finalise("2026-10", "2026-11-05T00:00:00Z");

        assertThat(world.invoices())
                .containsExactly("1 Acme 2026-09-01 10.00 1.90 11.90", "2 Acme 2026-10-01 20.00 3.80 23.80");
    }

    @Test
    void isNoneOfUsageThatIsNotBilled() {
        subscribed("10.00", "1.00");
        world.finalise("2026-09", "2026-10-05T00:00:00Z");
        world.merge(
                List.of(new Used(key, Instant.parse("2026-09-10T05:00:00Z"), "items", "refused", 7, 7, 0)),
                Instant.parse("2026-11-20T00:00:00Z"));
        world.finalise("2026-10", "2026-11-05T00:00:00Z");

        assertThat(adjustments()).isEmpty();
        assertThat(world.texts("select outcome || ' ' || requests from usage_restatement"))
                .containsExactly("refused 7");
    }

    @Test
    void isNoneOfUsageInHoursThatNoInvoiceBilledYet() {
        subscribed("10.00", "1.00");
        world.finalise("2026-09", "2026-10-05T00:00:00Z");
        late("2026-10-10T05:00:00Z", 3);
        assertThat(world.texts("select count(*)::text from usage_restatement")).containsExactly("0");

        world.finalise("2026-10", "2026-11-05T00:00:00Z");
        assertThat(world.invoices()).last().isEqualTo("2 Acme 2026-10-01 13.00 0.00 13.00");
    }

    @Test
    void anEarlierMonthThatIsFinalisedLaterTakesNoAdjustmentOfALaterOne() {
        subscribed("10.00", "1.00");
        world.finalise("2026-10", "2026-11-05T00:00:00Z");
        late("2026-10-10T05:00:00Z", 3);
        world.finalise("2026-09", "2026-11-06T00:00:00Z");
        // Nobody was a customer then.
        world.finalise("2026-01", "2026-11-06T00:00:00Z");
        assertThat(adjustments()).isEmpty();

        world.finalise("2026-11", "2026-12-05T00:00:00Z");
        assertThat(world.invoices())
                .containsExactly(
                        "1 Acme 2026-10-01 10.00 0.00 10.00",
                        "2 Acme 2026-09-01 10.00 0.00 10.00",
                        "3 Acme 2026-11-01 13.00 0.00 13.00");
    }

    @Test
    void onAnInvoiceOfItsOwnLeavesThatPeriodsHoursOpen() {
        subscribed("10.00", "0.01");
        world.subscribe(account, Optional.empty(), Optional.empty(), "2026-10-01T00:00:00Z");
        world.finalise("2026-09", "2026-10-05T00:00:00Z");
        late("2026-09-10T05:00:00Z", 100);
        world.finalise("2026-10", "2026-11-05T00:00:00Z");
        long other = world.plan(Cards.simple("other", "0.00", "1.00"));
        world.subscribe(account, Optional.empty(), Optional.of(other), "2026-10-15T00:00:00Z");
        late("2026-10-20T05:00:00Z", 7);
        world.finalise("2026-10", "2026-11-06T00:00:00Z");

        assertThat(world.texts("select kind || ' ' || total from invoice order by number"))
                .containsExactly("invoice 10.00", "adjustment 1.00", "invoice 7.00");
    }

    @Test
    void byVolumePricesGivesNoMoreBackThanCreditsHaveLeft() {
        world.subscribe(
                account,
                Optional.empty(),
                Optional.of(world.plan(Cards.version(
                        "volume",
                        1,
                        Cards.MONTHLY,
                        Charge.of(
                                "requests",
                                Meter.of(Measure.REQUESTS),
                                new Model.Volume(List.of(
                                        new Tier(Optional.of(BigDecimal.valueOf(100)), Cards.price("1"), Price.ZERO),
                                        new Tier(Optional.empty(), Cards.price("0.5"), Price.ZERO))))))),
                "2026-09-01T00:00:00Z");
        late("2026-09-10T05:00:00Z", 100);
        world.finalise("2026-09", "2026-10-05T00:00:00Z");
        new CreditJob(world.jdbi())
                .credit(
                        1,
                        Optional.of(new BigDecimal("90.00")),
                        new Decision("erin", "a gift", Instant.parse("2026-10-06T00:00:00Z")));
        late("2026-09-10T05:00:00Z", 1);
        world.finalise("2026-10", "2026-11-05T00:00:00Z");

        // Rated anew 50.50, of which 10.00 are still to be paid: none of the rest goes back twice.
        assertThat(world.invoices())
                .containsExactly(
                        "1 Acme 2026-09-01 100.00 0.00 100.00",
                        "2 Acme 2026-09-01 -90.00 0.00 -90.00",
                        "3 Acme 2026-10-01 -10.00 0.00 -10.00");
        assertThat(new ExplainJob(world.jdbi()).explain(3).faults()).isEmpty();
    }

    @Test
    void bringsAMinimumBackIn() {
        world.subscribe(
                account,
                Optional.empty(),
                Optional.of(world.plan(new PlanVersion(
                        new PlanRef("least", 1),
                        Cards.MONTHLY,
                        List.of(),
                        new PlanVersion.Counted(Set.of(Outcome.SUCCESS), List.of(80)),
                        OnPlanChange.CARRY,
                        RateCard.of(Cards.EUR, Cards.perRequest("1.00")).withMinimum(Cards.price("50.00"))))),
                "2026-09-01T00:00:00Z");
        late("2026-09-10T05:00:00Z", 20);
        world.finalise("2026-09", "2026-10-05T00:00:00Z");
        late("2026-09-10T06:00:00Z", 25);
        world.finalise("2026-10", "2026-11-05T00:00:00Z");
        late("2026-09-10T07:00:00Z", 10);
        world.finalise("2026-11", "2026-12-05T00:00:00Z");

        // 20, 45 and 55 requests: the minimum holds for the first two.
        assertThat(world.texts("select number || ' ' || amount from invoice_line where kind = 'adjustment' order by 1"))
                .containsExactly("2 0.00", "3 5.00");
    }

    @Test
    void goesOnTheBillOfItsOwnCurrencyAndCalendar() {
        Charge perRequest = Cards.perRequest("1");
        BillingPeriod quarter = new BillingPeriod(BillingPeriod.Interval.QUARTERLY, 31);
        PlanVersion yen = new PlanVersion(
                new PlanRef("yen", 1),
                quarter,
                List.of(),
                new PlanVersion.Counted(Set.of(Outcome.SUCCESS), List.of(80)),
                OnPlanChange.CARRY,
                RateCard.of(Currency.getInstance("JPY"), perRequest));
        long yenKey = world.key(account, "acme-yen");
        subscribed("0.00", "1.00");
        world.subscribe(account, Optional.of(yenKey), Optional.of(world.plan(yen)), "2026-04-30T00:00:00Z");
        world.merge(List.of(Used.of(yenKey, "2026-05-10T05:00:00Z", 3)), Instant.parse("2026-11-20T00:00:00Z"));
        late("2026-09-10T05:00:00Z", 5);
        // The quarter from 30 April to 31 July, then September.
        world.finalise("2026-04", "2026-10-05T00:00:00Z");
        world.finalise("2026-09", "2026-10-05T00:00:00Z");
        world.merge(List.of(Used.of(yenKey, "2026-05-10T05:00:00Z", 4)), Instant.parse("2026-11-20T00:00:00Z"));
        late("2026-09-10T05:00:00Z", 6);
        Finalised october = world.finalise("2026-10", "2026-11-05T00:00:00Z");

        // The quarter from 31 July has ended too, and nobody asked for it: it is told, and takes the yen.
        assertThat(october.open().periods()).isOne();
        assertThat(october.open().first()).contains(YearMonth.of(2026, 7));
        world.finalise("2026-07", "2026-11-05T00:00:00Z");

        assertThat(world.texts(
                        "select currency || ' ' || period_interval || ' ' || total from invoice order by number"))
                .containsExactly("JPY quarterly 3", "EUR monthly 5.00", "EUR monthly 6.00", "JPY quarterly 4");
        for (long number = 1; number <= 4; number++) {
            assertThat(new ExplainJob(world.jdbi()).explain(number).faults())
                    .as("invoice %d", number)
                    .isEmpty();
        }
    }

    @Test
    void waitsForTheNextMonthWhereThisOneIsFinal() {
        subscribed("10.00", "0.01");
        world.finalise("2026-09", "2026-10-05T00:00:00Z");
        world.finalise("2026-10", "2026-11-05T00:00:00Z");
        late("2026-09-10T05:00:00Z", 100);
        late("2026-10-10T05:00:00Z", 100);
        // Others may wait, so it is run again and again.
        world.finalise("2026-10", "2026-11-06T00:00:00Z");
        assertThat(world.invoices()).hasSize(2);

        world.finalise("2026-11", "2026-12-05T00:00:00Z");
        assertThat(world.invoices()).last().isEqualTo("3 Acme 2026-11-01 12.00 0.00 12.00");
    }
}
