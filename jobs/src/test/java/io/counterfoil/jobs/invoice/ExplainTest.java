package io.counterfoil.jobs.invoice;

import io.counterfoil.jobs.invoice.BilledWorld.Used;
import io.counterfoil.jobs.plans.PlanVersion;
import io.counterfoil.jobs.rating.Charge;
import io.counterfoil.jobs.rating.Measure;
import io.counterfoil.jobs.rating.Meter;
import io.counterfoil.jobs.rating.Model;
import io.counterfoil.jobs.rating.OnPlanChange;
import io.counterfoil.jobs.rating.Percent;
import io.counterfoil.jobs.rating.Routes;
import io.counterfoil.jobs.rating.Tier;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.hours.Decision;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class ExplainTest {
    private static final Instant FIRST = Instant.parse("2026-10-01T00:00:00Z");

    private final BilledWorld world = new BilledWorld();

    private Explained explain(long number) {
        return new ExplainJob(world.jdbi()).explain(number);
    }

    private static PlanVersion rich(String name, OnPlanChange onChange) {
        Charge searches = Charge.of(
                "searches",
                Meter.of(Measure.UNITS)
                        .per(BigDecimal.valueOf(3))
                        .onlyOf(new Routes(List.of("search.*"), List.of("search.free"))),
                new Model.PerUnit(Cards.price("0.01")));
        Charge requests = Charge.of(
                "requests",
                Meter.of(Measure.REQUESTS)
                        .including(BigDecimal.valueOf(500))
                        .onlyOf(new Routes(List.of(), List.of("search.*"))),
                new Model.Graduated(List.of(
                        new Tier(Optional.of(Tier.end("1000")), Cards.price("0.04"), Cards.price("1")),
                        new Tier(Optional.empty(), Cards.price("0.025"), Cards.price("0")))));
        Charge traffic = Charge.of(
                "traffic",
                Meter.of(Measure.BYTES_OUT).per(new BigDecimal("1e6")),
                new Model.PerUnit(Cards.price("0.08")));
        PlanVersion plain = Cards.version(name, 1, Cards.MONTHLY, Cards.flat("29"), requests, searches, traffic);
        return new PlanVersion(
                plain.ref(),
                plain.period(),
                plain.limits(),
                plain.counted(),
                onChange,
                plain.card().withDiscount(Percent.parse("7.5")).withMinimum(Cards.price("100")));
    }

    @RepeatedTest(4)
    void everyInvoiceOfARandomWorldIsRecomputedAlsoAfterLateUsageAndPlanChanges() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        long account = world.account("Acme");
        world.jdbi().useHandle(handle -> handle.execute("update account set tax_name = 'VAT', tax_percent = 19"));
        List<Long> plans = List.of(
                world.plan(rich("a", OnPlanChange.CARRY)),
                world.plan(rich("b", OnPlanChange.RESTART)),
                world.plan(Cards.simple("c", "5.00", "0.001")));
        List<Long> keys = List.of(world.key(account, "one"), world.key(account, "two"));
        for (Optional<Long> key : List.of(Optional.<Long>empty(), Optional.of(keys.get(1)))) {
            for (int hour = 0; hour < 1400; hour += 200 + random.nextInt(300)) {
                world.subscribe(
                        account,
                        key,
                        random.nextInt(6) == 0 ? Optional.empty() : Optional.of(plans.get(random.nextInt(3))),
                        FIRST.plus(hour, ChronoUnit.HOURS).toString());
            }
        }
        for (String at : List.of("2026-11-05T00:00:00Z", "2026-12-05T00:00:00Z", "2027-01-05T00:00:00Z")) {
            List<Used> usage = new ArrayList<>();
            for (int i = 0; i < 80; i++) {
                usage.add(new Used(
                        keys.get(random.nextInt(2)),
                        FIRST.plus(random.nextInt(1400), ChronoUnit.HOURS),
                        List.of("items", "search.text", "search.free", "counterfoil.usage")
                                .get(random.nextInt(4)),
                        random.nextInt(5) == 0 ? "client_error" : "success",
                        random.nextInt(1, 200),
                        random.nextInt(1, 1000),
                        random.nextLong(1L << 40)));
            }
            world.merge(usage, Instant.parse(at));
            world.finalise(
                    Instant.parse(at).minus(7, ChronoUnit.DAYS).toString().substring(0, 7), at);
        }
        world.merge(List.of(Used.of(keys.get(0), "2026-10-20T00:00:00Z", 77)), Instant.parse("2027-01-06T00:00:00Z"));

        List<String> numbers = world.texts("select number::text from invoice order by number");
        assertThat(numbers).as("seed %d", seed).isNotEmpty();
        for (String number : numbers) {
            Explained explained = explain(Long.parseLong(number));
            assertThat(explained.faults())
                    .as("seed %d, invoice %s", seed, number)
                    .isEmpty();
            for (Explained.Line line : explained.lines()) {
                if (line.query().isPresent()) {
                    assertThat(asPrinted(line.query().get().text()))
                            .as("seed %d", seed)
                            .isEqualByComparingTo(
                                    line.line().stored().billed().orElseThrow().quantity());
                    assertThat(line.hours().stream()
                                    .map(hour -> hour.onInvoice())
                                    .reduce(BigDecimal.ZERO, BigDecimal::add))
                            .as("seed %d", seed)
                            .isEqualByComparingTo(
                                    line.line().stored().billed().orElseThrow().quantity());
                }
            }
        }
    }

    /** As psql sends it: the text alone. */
    private BigDecimal asPrinted(String sql) throws Exception {
        try (var handle = world.jdbi().open();
                Statement statement = handle.getConnection().createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getBigDecimal(1);
        }
    }

    private long simpleInvoice() {
        long account = world.account("Acme");
        long key = world.key(account, "acme-1");
        world.subscribe(
                account,
                Optional.empty(),
                Optional.of(world.plan(Cards.simple("team", "10.00", "0.01"))),
                "2026-10-01T00:00:00Z");
        world.merge(List.of(Used.of(key, "2026-10-10T05:00:00Z", 100)), Instant.parse("2026-10-10T06:00:00Z"));
        world.finalise("2026-10", "2026-11-05T00:00:00Z");
        return key;
    }

    @Test
    void usageThatWasChangedBehindItsBackIsToldByItsLine() {
        simpleInvoice();
        assertThat(explain(1).faults()).isEmpty();

        world.jdbi().useHandle(handle -> handle.execute("update usage_hourly set requests = requests + 1"));

        assertThat(explain(1).faults())
                .containsExactly(
                        "line 2 (requests): quantity on the invoice 100, recomputed 101: NOT EQUAL",
                        "line 2 (requests): rated quantity on the invoice 100, recomputed 101: NOT EQUAL",
                        "line 2 (requests): tiers on the invoice 100 × 0.01, recomputed 101 × 0.01: NOT EQUAL",
                        "line 2 (requests): amount on the invoice 1.00, recomputed 1.01: NOT EQUAL",
                        "net on the invoice 11.00, recomputed 11.01: NOT EQUAL",
                        "total on the invoice 11.00, recomputed 11.01: NOT EQUAL");
    }

    @Test
    void usageThatWasTakenAwayIsToldToo() {
        long key = simpleInvoice();
        world.merge(List.of(Used.of(key, "2026-10-10T05:00:00Z", 5)), Instant.parse("2026-11-06T00:00:00Z"));
        assertThat(explain(1).faults()).isEmpty();
        assertThat(explain(1).lines().get(1).hours())
                .singleElement()
                .satisfies(hour ->
                        assertThat(hour.onInvoice() + " + " + hour.later()).isEqualTo("100 + 5"));

        world.jdbi().useHandle(handle -> handle.execute("delete from usage_hourly"));

        assertThatThrownBy(() -> explain(1))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining(
                        "usage_hourly holds less than usage_restatement says was counted after the invoice")
                .extracting(e -> ((OperatorException) e).exitCode())
                .isEqualTo(3);
    }

    @Test
    void anAdjustmentIsRecomputedFromItsOwnPeriod() {
        long key = simpleInvoice();
        world.merge(List.of(Used.of(key, "2026-10-10T05:00:00Z", 40)), Instant.parse("2026-11-06T00:00:00Z"));
        world.finalise("2026-11", "2026-12-05T00:00:00Z");
        assertThat(explain(2).faults()).isEmpty();

        world.jdbi()
                .useHandle(handle -> handle.execute(
                        "update usage_hourly set requests = requests + 100 where hour = '2026-10-10T05:00:00Z'"));

        assertThat(explain(2).faults())
                .contains("line 3 (adjustment of invoice 1, usage that was counted later): amount on the invoice 0.40,"
                        + " recomputed 1.40: NOT EQUAL");
    }

    @Test
    void aLineThatIsMissingIsTold() {
        simpleInvoice();
        world.jdbi()
                .useHandle(
                        handle -> handle.execute(
                                "alter table invoice_line disable trigger invoice_line_final; delete from invoice_line where line = 2"));

        assertThat(explain(1).faults())
                .containsExactly(
                        "a line 'requests', on the invoice none, recomputed 1.00: NOT EQUAL",
                        "sum of lines on the invoice 11.00, recomputed 10.00: NOT EQUAL");
    }

    @Test
    void aCreditIsRecomputedFromWhatWasLeft() {
        simpleInvoice();
        CreditJob credits = new CreditJob(world.jdbi());
        Decision decision = new Decision("erin", "an outage", Instant.parse("2026-11-20T00:00:00Z"));
        credits.credit(1, Optional.of(new BigDecimal("4")), decision);
        credits.credit(1, Optional.empty(), decision);

        assertThat(explain(2).faults()).isEmpty();
        assertThat(explain(3).faults()).isEmpty();
        assertThat(explain(1).credits())
                .extracting(credit -> credit.net().toPlainString())
                .containsExactly("4.00", "7.00");
    }
}
