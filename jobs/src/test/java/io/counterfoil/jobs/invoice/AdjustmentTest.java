package io.counterfoil.jobs.invoice;

import io.counterfoil.jobs.invoice.BilledWorld.Used;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

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
}
