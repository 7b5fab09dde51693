package io.counterfoil.jobs.invoice;

import io.counterfoil.accesslog.record.Outcome;
import io.counterfoil.jobs.invoice.BilledWorld.Used;
import io.counterfoil.jobs.plans.BillingPeriod;
import io.counterfoil.jobs.plans.PlanVersion;
import io.counterfoil.jobs.rating.OnPlanChange;
import io.counterfoil.jobs.rating.PlanRef;
import io.counterfoil.jobs.rating.RateCard;
import io.counterfoil.sql.invoice.InvoiceLine;
import org.junit.jupiter.api.RepeatedTest;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Currency;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Random subscriptions and usage, billed by the product, and by walking through the hours one by one and asking each time which plan is in
 * force.
 */
final class InvoiceOracleTest {
    private static final List<String> ZONES =
            List.of("UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Tokyo");
    private static final Instant FIRST = Instant.parse("2026-09-28T00:00:00Z");
    private static final Instant LAST = FIRST.plus(80, ChronoUnit.DAYS);
    private static final int DAYS = 70;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final BilledWorld world = new BilledWorld();

    /** What a plan costs, as the naive count knows it. */
    private record Naive(String name, BigDecimal fee, long unitCents, int anchor, String currency) {}

    private record Change(Instant since, Optional<Naive> plan) {}

    private final Map<String, Long> planIds = new TreeMap<>();

    private List<Naive> plans() {
        List<Naive> plans = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Naive plan = new Naive(
                    "plan-" + i,
                    BigDecimal.valueOf(random.nextInt(10_000), 2),
                    random.nextInt(1, 100),
                    List.of(1, 1, 15, 31).get(random.nextInt(4)),
                    random.nextInt(4) == 0 ? "KWD" : "EUR");
            planIds.put(plan.name(), world.plan(version(plan)));
            plans.add(plan);
        }
        return plans;
    }

    private static PlanVersion version(Naive plan) {
        return new PlanVersion(
                new PlanRef(plan.name(), 1),
                new BillingPeriod(BillingPeriod.Interval.MONTHLY, plan.anchor()),
                List.of(),
                new PlanVersion.Counted(Set.of(Outcome.SUCCESS), List.of(80)),
                OnPlanChange.CARRY,
                RateCard.of(
                        Currency.getInstance(plan.currency()),
                        Cards.flat(plan.fee().toPlainString()),
                        Cards.perRequest(BigDecimal.valueOf(plan.unitCents(), 2).toPlainString())));
    }

    /** The first hour of a month's period, by the day that the anchor falls on. */
    private static Instant begin(YearMonth month, int anchor, ZoneId zone) {
        return month.atDay(Math.min(anchor, month.lengthOfMonth()))
                .atStartOfDay(zone)
                .toInstant();
    }

    private Instant someHour() {
        return FIRST.plus(random.nextInt(DAYS * 24), ChronoUnit.HOURS);
    }

    private List<Change> changes(long account, Optional<Long> key, List<Naive> plans) {
        Map<Instant, Optional<Naive>> changes = new TreeMap<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            changes.put(
                    someHour(),
                    random.nextInt(4) == 0 ? Optional.empty() : Optional.of(plans.get(random.nextInt(plans.size()))));
        }
        List<Change> all = new ArrayList<>();
        changes.forEach((since, plan) -> {
            world.subscribe(account, key, plan.map(each -> planIds.get(each.name())), since.toString());
            all.add(new Change(since, plan));
        });
        return all;
    }

    private static Optional<Naive> inForce(List<Change> changes, Instant hour) {
        Optional<Naive> plan = Optional.empty();
        for (Change change : changes) {
            if (!change.since().isAfter(hour)) {
                plan = change.plan();
            }
        }
        return plan;
    }

    @RepeatedTest(6)
    void linesAreWhatWalkingThroughTheHoursGives() {
        List<Naive> plans = plans();
        ZoneId zone = ZoneId.of(ZONES.get(random.nextInt(ZONES.size())));
        long account = world.account("Acme", zone.getId());
        List<Change> own = changes(account, Optional.empty(), plans);
        Map<Long, List<Change>> keys = new TreeMap<>();
        List<Used> usage = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            long key = world.key(account, "key-" + i);
            keys.put(key, changes(account, Optional.of(key), plans));
            for (int j = 0; j < 60; j++) {
                usage.add(new Used(
                        key,
                        someHour(),
                        random.nextInt(5) == 0 ? "counterfoil.usage" : "items",
                        random.nextInt(5) == 0 ? "client_error" : "success",
                        random.nextInt(1, 1000),
                        1,
                        1));
            }
        }
        world.merge(usage, Instant.parse("2026-12-20T00:00:00Z"));

        Map<String, Long> requests = new TreeMap<>();
        Map<String, Long> hours = new TreeMap<>();
        YearMonth month = YearMonth.of(2026, 10);
        for (Instant hour = FIRST; hour.isBefore(LAST); hour = hour.plus(1, ChronoUnit.HOURS)) {
            Instant at = hour;
            Predicate<Naive> billed = plan -> !at.isBefore(begin(month, plan.anchor(), zone))
                    && at.isBefore(begin(month.plusMonths(1), plan.anchor(), zone));
            inForce(own, at).filter(billed).ifPresent(plan -> hours.merge("- " + plan.name(), 1L, Long::sum));
            keys.forEach((key, changes) -> {
                Optional<Naive> of = inForce(changes, at);
                of.filter(billed).ifPresent(plan -> hours.merge(key + " " + plan.name(), 1L, Long::sum));
                String subject = of.isPresent() ? key.toString() : "-";
                of.or(() -> inForce(own, at))
                        .filter(billed)
                        .ifPresent(plan -> usage.stream()
                                .filter(used -> used.key() == key
                                        && used.hour().equals(at)
                                        && used.outcome().equals("success")
                                        && used.route().equals("items"))
                                .forEach(used ->
                                        requests.merge(subject + " " + plan.name(), used.requests(), Long::sum)));
            });
        }

        List<Draft> drafts = world.drafts("2026-10", "2026-12-20T00:00:00Z");
        assertThat(drafts).as("seed %d", seed).isEqualTo(world.drafts("2026-10", "2026-12-20T00:00:00Z"));
        Map<String, Long> billedRequests = new TreeMap<>();
        Map<String, BigDecimal> billedFees = new TreeMap<>();
        for (InvoiceLine line : drafts.stream()
                .flatMap(draft -> draft.invoice().lines().stream())
                .toList()) {
            String subject = line.key().map(Object::toString).orElse("-") + " "
                    + name(line.plan().orElseThrow());
            line.billed()
                    .filter(billed -> billed.quantity().signum() > 0)
                    .ifPresent(billed ->
                            billedRequests.merge(subject, billed.quantity().longValueExact(), Long::sum));
            if (line.billed().isEmpty()) {
                billedFees.merge(subject, line.amount(), BigDecimal::add);
            }
        }
        assertThat(billedRequests).as("seed %d", seed).isEqualTo(requests);
        assertThat(billedFees.keySet()).as("seed %d", seed).isEqualTo(hours.keySet());
        hours.forEach((subject, count) -> {
            Naive plan = plans.stream()
                    .filter(each -> subject.endsWith(each.name()))
                    .findFirst()
                    .orElseThrow();
            BigDecimal fee = plan.fee()
                    .multiply(BigDecimal.valueOf(count))
                    .divide(
                            BigDecimal.valueOf(ChronoUnit.HOURS.between(
                                    begin(month, plan.anchor(), zone),
                                    begin(month.plusMonths(1), plan.anchor(), zone))),
                            10,
                            RoundingMode.HALF_UP);
            // A plan that came back after another one is two lines, each rounded.
            assertThat(billedFees.get(subject).subtract(fee).abs())
                    .as("seed %d, %s", seed, subject)
                    .isLessThan(new BigDecimal("0.03"));
        });

        Finalised finalised = world.finalise("2026-10", "2026-12-20T00:00:00Z");
        assertThat(finalised.invoices()).as("seed %d", seed).isEqualTo(drafts.size());
        assertThat(drafts.stream().map(draft -> draft.invoice().of()).distinct().count())
                .isEqualTo(drafts.size());
        assertThat(world.texts("select total::text from invoice"))
                .as("seed %d", seed)
                .isEqualTo(drafts.stream()
                        .map(draft -> draft.rated().total().toPlainString())
                        .toList());
        assertThat(world.texts(
                        "select number::text from invoice i where total <> (select sum(amount) from invoice_line l"
                                + " where l.number = i.number) or lines <> (select count(*) from invoice_line l where l.number ="
                                + " i.number)"))
                .isEmpty();
    }

    private String name(long plan) {
        return planIds.entrySet().stream()
                .filter(entry -> entry.getValue() == plan)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
    }
}
