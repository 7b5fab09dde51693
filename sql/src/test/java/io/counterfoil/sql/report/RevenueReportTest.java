package io.counterfoil.sql.report;

import io.counterfoil.sql.testing.RandomUsage;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.RepeatedTest;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

import static org.assertj.core.api.Assertions.assertThat;

/** What final invoices state by plan, of random invoices and lines, against plain Java. */
final class RevenueReportTest {
    private static final List<String> KINDS = List.of("charge", "discount", "minimum", "adjustment", "credit", "tax");
    private static final List<String> COLUMNS =
            List.of("charges", "discounts", "minimums", "adjustments", "credits", "tax");

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final TestDatabase database = TestDatabase.fresh();
    private final Map<String, Map<String, BigDecimal>> expected = new TreeMap<>();
    private BigDecimal total = BigDecimal.ZERO;

    @RepeatedTest(3)
    void revenueIsTheSumOfTheLines() {
        RandomUsage.in(database, seed, Instant.parse("2026-02-01T00:00:00Z"), 10, 1);
        List<Long> plans = database.jdbi()
                .withHandle(handle -> handle.createQuery("select plan_id from plan order by version")
                        .mapTo(Long.class)
                        .list());
        database.jdbi().useTransaction(handle -> {
            for (int number = 1; number <= 30; number++) {
                invoice(handle, number, plans);
            }
        });

        List<Map<String, String>> rows =
                Report.named("revenue-by-plan").list(database.jdbi(), Map.of("from", "2026-02-01T00:00:00Z"));

        Map<String, Map<String, BigDecimal>> actual = new TreeMap<>();
        for (Map<String, String> row : rows) {
            Map<String, BigDecimal> amounts = actual.computeIfAbsent(
                    String.join("/", row.get("period_from"), row.get("currency"), row.get("plan"), row.get("version")),
                    any -> new TreeMap<>());
            COLUMNS.forEach(column -> amounts.put(column, new BigDecimal(row.get(column)).stripTrailingZeros()));
            BigDecimal net = amounts.values().stream()
                    .reduce(BigDecimal.ZERO, BigDecimal::add)
                    .subtract(amounts.get("tax"));
            assertThat(new BigDecimal(row.get("net"))).as("seed %d", seed).isEqualByComparingTo(net);
        }
        assertThat(rows).hasSameSizeAs(actual.keySet());
        assertThat(actual).as("seed %d", seed).isEqualTo(expected);
        assertThat(rows.stream()
                        .map(row -> new BigDecimal(row.get("net")).add(new BigDecimal(row.get("tax"))))
                        .reduce(BigDecimal.ZERO, BigDecimal::add))
                .as("seed %d", seed)
                .isEqualByComparingTo(total);
    }

    private void invoice(Handle handle, int number, List<Long> plans) {
        int month = 1 + random.nextInt(3);
        String from = "2026-0" + month + "-01T00:00:00Z";
        String currency = random.nextBoolean() ? "EUR" : "JPY";
        boolean credit = random.nextInt(5) == 0 && number > 1;
        // Anchor days, so that no two are of the same period.
        handle.execute(
                "insert into invoice (number, kind, account_id, period_interval, anchor_day, period_from, period_to, currency,"
                        + " net, tax, total, lines, merge_no, finalised_at, actor, reason, credits, seller, buyer) select ?, ?, account_id,"
                        + " 'monthly', ?, ?::timestamptz, ?::timestamptz + interval '31 days', ?, 0, 0, 0, 1, 1, now(), 'erin', 'test', ?, '{}', '{}'"
                        + " from account order by account_id limit 1",
                number,
                credit ? "credit" : "invoice",
                number,
                from,
                from,
                currency,
                credit ? 1 : null);
        for (int line = 1; line <= 4; line++) {
            int kind = random.nextInt(KINDS.size());
            // As invoices are made: an adjustment is of a whole period, whatever plans were in force in it.
            int plan = KINDS.get(kind).equals("adjustment") ? 0 : random.nextInt(plans.size() + 1);
            BigDecimal amount = BigDecimal.valueOf(random.nextLong(2_000_000) - 500_000, 2);
            handle.execute(
                    "insert into invoice_line (number, line, kind, name, plan_id, adjusts, amount) values (?, ?, ?, 'x', ?, ?, ?)",
                    number,
                    line,
                    KINDS.get(kind),
                    plan == 0 ? null : plans.get(plan - 1),
                    KINDS.get(kind).equals("adjustment") ? 1 : null,
                    amount);
            if (month > 1) {
                Map<String, BigDecimal> amounts = expected.computeIfAbsent(
                        String.join("/", from, currency, plan == 0 ? "-" : "plan", plan == 0 ? "-" : "" + plan),
                        any -> zeros());
                amounts.compute(
                        COLUMNS.get(kind), (column, sum) -> sum.add(amount).stripTrailingZeros());
                total = total.add(amount);
            }
        }
    }

    private static Map<String, BigDecimal> zeros() {
        Map<String, BigDecimal> amounts = new TreeMap<>();
        COLUMNS.forEach(column -> amounts.put(column, BigDecimal.ZERO));
        return amounts;
    }
}
