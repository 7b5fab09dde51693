package io.counterfoil.jobs.invoice;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.jobs.invoice.Bill.Part;
import io.counterfoil.jobs.invoice.Draft.Because;
import io.counterfoil.jobs.invoice.Draft.Wait;
import io.counterfoil.jobs.plans.BillingPeriod;
import io.counterfoil.jobs.plans.Period;
import io.counterfoil.jobs.rating.Adjustment;
import io.counterfoil.jobs.rating.RatedLine;
import io.counterfoil.jobs.rating.RatedPeriod;
import io.counterfoil.sql.invoice.AdjustableInvoice;
import io.counterfoil.sql.invoice.BilledAccount;
import io.counterfoil.sql.invoice.BillingRows;
import io.counterfoil.sql.invoice.InvoiceLine;
import io.counterfoil.sql.invoice.InvoicedPeriod;
import io.counterfoil.sql.invoice.NewInvoice;
import io.counterfoil.sql.invoice.SubscribedSpan;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Currency;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Makes the drafts of a page of accounts from what is counted: reads with a few statements, rates, and writes nothing. */
final class DraftPages {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    /** No zone is further from UTC. */
    private static final Duration ZONES = Duration.ofDays(2);

    private final YearMonth month;
    private final Instant now;

    DraftPages(YearMonth month, Instant now) {
        this.month = month;
        this.now = now;
    }

    /** Those of these accounts that are not final yet, in their order. */
    List<Draft> of(List<BilledAccount> accounts, BillingRows rows, PlanVersions versions) {
        versions.readFrom(rows);
        List<Long> numbers = accounts.stream().map(BilledAccount::accountId).toList();
        Map<Long, List<SubscribedSpan>> spans =
                rows.spans(numbers).stream().collect(Collectors.groupingBy(SubscribedSpan::accountId));
        Set<InvoicedPeriod> invoiced = rows.invoiced(
                numbers, at(month).minus(ZONES), at(month.plusMonths(1)).plus(ZONES));
        Map<Long, List<AdjustableInvoice>> adjustable = rows.adjustable(numbers).stream()
                .collect(Collectors.groupingBy(each -> each.of().accountId()));
        List<Wanted> wanted = new ArrayList<>();
        for (BilledAccount account : accounts) {
            Bills bills = new Bills(account, spans.getOrDefault(account.accountId(), List.of()), versions);
            wanted.addAll(wanted(bills, adjustable.getOrDefault(account.accountId(), List.of()), invoiced));
        }
        UsageOfParts usage = UsageOfParts.read(
                wanted.stream().flatMap(each -> each.bills().stream()).toList(), rows);
        Map<Period, Integer> incomplete = new HashMap<>();
        return wanted.stream().map(each -> draft(each, usage, rows, incomplete)).toList();
    }

    /** A bill that is to be drafted, and earlier ones that are rated anew for it. */
    private record Wanted(Bill bill, List<Again> again) {
        List<Bill> bills() {
            List<Bill> all = new ArrayList<>(List.of(bill));
            again.forEach(each -> all.add(each.bill()));
            return all;
        }
    }

    private record Again(AdjustableInvoice invoice, Bill bill) {}

    private List<Wanted> wanted(Bills bills, List<AdjustableInvoice> adjustable, Set<InvoicedPeriod> invoiced) {
        Map<Currency, List<Again>> again = new HashMap<>();
        for (AdjustableInvoice invoice : adjustable) {
            Currency currency = Currency.getInstance(invoice.of().currency());
            Bill bill = bills.of(
                    calendar(invoice.of()), currency, new Period(invoice.of().from(), invoice.to()));
            again.computeIfAbsent(currency, each -> new ArrayList<>()).add(new Again(invoice, bill));
        }
        List<Wanted> wanted = new ArrayList<>();
        for (Bill bill : bills.beginningIn(month)) {
            if (!invoiced.contains(bill.of())) {
                List<Again> its = again.remove(bill.currency());
                wanted.add(new Wanted(bill, its == null ? List.of() : its));
            }
        }
        // Of currencies that nothing else is billed in.
        again.forEach((currency, its) -> {
            Bill bill = bills.empty(calendar(its.get(0).invoice().of()), currency, month);
            if (!invoiced.contains(bill.of())) {
                wanted.add(new Wanted(bill, its));
            }
        });
        return wanted;
    }

    private static BillingPeriod calendar(InvoicedPeriod of) {
        return new BillingPeriod(BillingPeriod.Interval.named(of.interval()).orElseThrow(), of.anchorDay());
    }

    private Draft draft(Wanted wanted, UsageOfParts usage, BillingRows rows, Map<Period, Integer> incomplete) {
        Bill bill = wanted.bill();
        List<Adjusted> adjusted = wanted.again().stream()
                .map(each -> Adjusted.of(each.invoice(), each.bill().rated(usage::of, List.of())))
                .toList();
        RatedPeriod rated = bill.rated(
                usage::of, adjusted.stream().map(Adjusted::adjustment).toList());
        int missing = bill.hours()
                .map(hours -> incomplete.computeIfAbsent(hours, each -> rows.incompleteHours(each.from(), each.to())))
                .orElse(0);
        NewInvoice invoice = new NewInvoice(
                bill.of(),
                bill.period().to(),
                rated.net(),
                rated.tax(),
                missing,
                bill.account().buyer(),
                lines(bill, rated, adjusted));
        return new Draft(bill.account().name(), bill.calendar(), bill.period(), rated, invoice, waits(bill, missing));
    }

    private Optional<Wait> waits(Bill bill, int missing) {
        if (bill.period().to().isAfter(now)) {
            return Optional.of(new Wait(
                    Because.NOT_ENDED, "the period ends at " + bill.period().to()));
        }
        if (bill.account().held().isPresent()) {
            return Optional.of(
                    new Wait(Because.HELD, "held: " + bill.account().held().get()));
        }
        return missing == 0
                ? Optional.empty()
                : Optional.of(new Wait(
                        Because.INCOMPLETE,
                        missing + " of " + bill.hours().map(Period::hours).orElse(0L) + " hours are not complete"));
    }

    private static List<InvoiceLine> lines(Bill bill, RatedPeriod rated, List<Adjusted> adjusted) {
        List<InvoiceLine> lines = new ArrayList<>();
        int adjustment = 0;
        for (RatedLine line : rated.lines()) {
            switch (line.kind()) {
                case ADJUSTMENT -> lines.add(adjusted.get(adjustment++).line());
                case CHARGE, DISCOUNT -> lines.add(placed(bill, line));
                default -> lines.add(plain(bill, line));
            }
        }
        return lines;
    }

    private static InvoiceLine placed(Bill bill, RatedLine line) {
        RatedLine.Place place = line.place().orElseThrow();
        Bill.Strand strand = bill.strands().get(place.timeline());
        Part part = strand.parts().get(place.segment());
        return new InvoiceLine(
                line.kind().text(),
                line.name(),
                Optional.of(part.planId()),
                strand.key().map(SubscribedSpan.KeyName::keyId),
                Optional.of(new InvoiceLine.Hours(
                        part.within().from(), part.within().to())),
                line.usage()
                        .map(usage ->
                                new InvoiceLine.Billed(usage.meter().measure().text(), usage.quantity())),
                Optional.empty(),
                json(LineDetail.of(line, strand.key().map(SubscribedSpan.KeyName::label), Optional.of(part.hours()))),
                line.amount());
    }

    /** A minimum's top-up, by the account's own plan, or a tax. */
    private static InvoiceLine plain(Bill bill, RatedLine line) {
        Optional<Long> plan = line.plan()
                .map(ref -> bill.strands().get(0).parts())
                .map(parts -> parts.get(parts.size() - 1).planId());
        return new InvoiceLine(
                line.kind().text(),
                line.name(),
                plan,
                Optional.empty(),
                plan.map(number -> new InvoiceLine.Hours(
                        bill.period().from(), bill.period().to())),
                Optional.empty(),
                Optional.empty(),
                json(LineDetail.of(line, Optional.empty(), Optional.empty())),
                line.amount());
    }

    /** What an earlier period costs now, less what was invoiced for it. */
    private record Adjusted(AdjustableInvoice invoice, BigDecimal net, Adjustment adjustment) {
        static Adjusted of(AdjustableInvoice invoice, RatedPeriod again) {
            return new Adjusted(
                    invoice,
                    again.net(),
                    new Adjustment(
                            "adjustment of invoice " + invoice.number() + ", usage that was counted later",
                            again.net().subtract(invoice.invoiced())));
        }

        InvoiceLine line() {
            ObjectNode detail = JsonNodeFactory.instance.objectNode();
            detail.put("invoice", invoice.number());
            detail.put("rated", net.toPlainString())
                    .put("invoiced", invoice.invoiced().toPlainString());
            detail.set("added", parsed(invoice.hours()));
            return new InvoiceLine(
                    RatedLine.Kind.ADJUSTMENT.text(),
                    adjustment.name(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(new InvoiceLine.Hours(invoice.of().from(), invoice.to())),
                    Optional.empty(),
                    Optional.of(invoice.number()),
                    json(detail),
                    adjustment.amount());
        }
    }

    private static String json(ObjectNode node) {
        try {
            return MAPPER.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a line's detail is no JSON", e);
        }
    }

    private static JsonNode parsed(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Postgres gave no JSON", e);
        }
    }

    private static Instant at(YearMonth month) {
        return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
