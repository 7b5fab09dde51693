package io.counterfoil.jobs.invoice;

import io.counterfoil.jobs.invoice.BilledWorld.Used;
import io.counterfoil.sql.hours.Decision;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class CreditTest {
    private static final Instant NOW = Instant.parse("2026-11-20T00:00:00Z");

    private final BilledWorld world = new BilledWorld();
    private final long account = world.account("Acme");
    private final long key = world.key(account, "acme-1");

    @BeforeEach
    void anInvoiceOfTenWithNineteenPercent() {
        world.jdbi().useHandle(handle -> handle.execute("update account set tax_name = 'VAT', tax_percent = 19"));
        world.subscribe(
                account,
                Optional.empty(),
                Optional.of(world.plan(Cards.simple("team", "10.00", "0.01"))),
                "2026-10-01T00:00:00Z");
        world.finalise("2026-10", "2026-11-05T00:00:00Z");
    }

    private Credited credit(String amount) {
        return new CreditJob(world.jdbi())
                .credit(
                        1,
                        amount.isEmpty() ? Optional.empty() : Optional.of(new BigDecimal(amount)),
                        new Decision("erin", "an outage", NOW));
    }

    private List<String> lines(int number) {
        return world.texts("select kind || ' ' || name || ' ' || amount from invoice_line where number = " + number
                + " order by line");
    }

    @Test
    void takesBackAllOfAnInvoiceWithTheNextNumber() {
        Credited credited = credit("");

        assertThat(credited)
                .isEqualTo(new Credited(
                        2,
                        1,
                        "EUR",
                        new BigDecimal("10.00"),
                        new BigDecimal("1.90"),
                        new BigDecimal("0.00"),
                        new BigDecimal("0.00")));
        assertThat(lines(2)).containsExactly("credit credit of invoice 1 -10.00", "tax VAT 19 % -1.90");
        assertThat(world.texts(
                        "select kind || ' ' || credits || ' ' || net || ' ' || tax || ' ' || total || ' ' || actor"
                                + " || ': ' || reason from invoice where number = 2"))
                .containsExactly("credit 1 -10.00 -1.90 -11.90 erin: an outage");
    }

    @Test
    void takesAPartWithItsTaxHalfUpAndThenExactlyWhatIsLeft() {
        // 19 % of 0.50 is 0.095.
        assertThat(credit("0.5").tax()).isEqualByComparingTo("0.10");
        assertThat(credit("0.50").tax()).isEqualByComparingTo("0.10");
        Credited last = credit("");

        assertThat(last.net()).isEqualByComparingTo("9.00");
        assertThat(last.tax()).isEqualByComparingTo("1.70");
        assertThat(world.texts("select sum(total)::text from invoice")).containsExactly("0.00");
    }

    @Test
    void neverTakesMoreTaxThanThereWas() {
        for (int i = 0; i < 19; i++) {
            credit("0.50");
        }
        // So far 1.90 of tax, though 1.805 would be right.
        assertThat(credit("0.49").tax()).isEqualByComparingTo("0");
        assertThat(credit("").tax()).isEqualByComparingTo("0");
        assertThat(world.texts("select sum(total)::text from invoice")).containsExactly("0.00");
    }

    @Test
    void takesTheTaxThatTheInvoiceHadThoughTheAccountHasAnotherNow() {
        world.jdbi().useHandle(handle -> handle.execute("update account set tax_percent = 7"));

        assertThat(credit("1").tax()).isEqualByComparingTo("0.19");
    }

    @Test
    void refusesMoreThanIsLeftAndSaysWhatIs() {
        credit("2.5");

        assertThatThrownBy(() -> credit("7.51"))
                .hasMessage("--amount is '7.51', expected at most 7.50 EUR, what is left of invoice 1: of its net 10.00"
                        + " 2.50 is credited");
        assertThatThrownBy(() -> credit("0")).hasMessageContaining("expected above 0 with up to 2 decimals, in EUR");
        assertThatThrownBy(() -> credit("-1")).hasMessageContaining("expected above 0 with up to 2 decimals, in EUR");
        assertThatThrownBy(() -> credit("0.001")).hasMessageContaining("--amount is '0.001'");
        credit("");
        assertThatThrownBy(() -> credit(""))
                .hasMessageContaining("of invoice 1 0.00 EUR net is left to credit, expected above 0");
        assertThatThrownBy(() -> credit("1")).hasMessageContaining("0.00 EUR net is left");
    }

    @Test
    void refusesToCreditACreditOrNothing() {
        credit("1");
        Decision decision = new Decision("erin", "an outage", NOW);

        assertThatThrownBy(() -> new CreditJob(world.jdbi()).credit(2, Optional.empty(), decision))
                .hasMessageContaining("invoice 2 is a credit of invoice 1, expected an invoice");
        assertThatThrownBy(() -> new CreditJob(world.jdbi()).credit(9, Optional.empty(), decision))
                .hasMessageContaining("invoice is '9', expected the number of a final invoice or credit");
    }

    @Test
    void whatWasCreditedIsNotBilledAgain() {
        credit("");
        world.merge(List.of(Used.of(key, "2026-10-10T05:00:00Z", 100)), NOW);
        world.finalise("2026-11", "2026-12-05T00:00:00Z");

        assertThat(lines(3))
                .containsExactly(
                        "charge base fee 10.00",
                        "charge requests 0.00",
                        "adjustment adjustment of invoice 1, usage that was counted later 1.00",
                        "tax VAT 19 % 2.09");
    }

    @Test
    void twoAtOnceNeverTakeMoreThanThereIs() throws Exception {
        ExecutorService both = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Credited>> credits = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                credits.add(() -> credit("3.00"));
            }
            int refused = 0;
            for (Future<Credited> done : both.invokeAll(credits)) {
                try {
                    done.get();
                } catch (ExecutionException e) {
                    assertThat(e.getCause()).hasMessageContaining("expected at most 1.00 EUR");
                    refused++;
                }
            }
            assertThat(refused).isEqualTo(5);
        } finally {
            both.shutdownNow();
        }
        assertThat(world.texts("select string_agg(number::text, ' ' order by number) from invoice"))
                .containsExactly("1 2 3 4");
    }
}
