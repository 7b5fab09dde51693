package io.counterfoil.jobs.invoice;

import io.counterfoil.jobs.invoice.Bill.Part;
import io.counterfoil.jobs.invoice.Draft.Because;
import io.counterfoil.jobs.invoice.Draft.Wait;
import io.counterfoil.jobs.plans.BillingPeriod;
import io.counterfoil.jobs.plans.Period;
import io.counterfoil.jobs.rating.RatedLine;
import io.counterfoil.jobs.rating.RatedPeriod;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.invoice.AdjustableInvoice;
import io.counterfoil.sql.invoice.BilledAccount;
import io.counterfoil.sql.invoice.BillingRows;
import io.counterfoil.sql.invoice.InvoiceKind;
import io.counterfoil.sql.invoice.InvoiceLine;
import io.counterfoil.sql.invoice.InvoicedPeriod;
import io.counterfoil.sql.invoice.NewInvoice;
import io.counterfoil.sql.invoice.SubscribedSpan;

import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Currency;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Makes the drafts of a page of accounts from what is counted: reads with a few statements, rates, and writes nothing. */
final class DraftPages {
    /** No zone is further from UTC. */
    private static final Duration ZONES = Duration.ofDays(2);

    /** As long as the longest period is: in months before, others may have ended just now. */
    private static final int LOOKED_BACK = 12;

    private final YearMonth month;
    private final Instant now;

    DraftPages(YearMonth month, Instant now) {
        this.month = month;
        this.now = now;
    }

    /**
     * What a page of accounts came to.
     *
     * @param drafts of what is not final yet, in the accounts' order
     * @param open periods that ended before the month's and are not final
     * @param faults accounts that cannot be billed, with why
     */
    record Page(List<Draft> drafts, List<OpenPeriod> open, List<Fault> faults) {}

    /** A period that has ended and is not final. */
    record OpenPeriod(String account, YearMonth month, BillingPeriod calendar) {}

    /** An account that cannot be billed. */
    record Fault(String account, OperatorException why) {}

    Page of(List<BilledAccount> accounts, BillingRows rows, PlanVersions versions) {
        versions.readFrom(rows);
        List<Long> numbers = accounts.stream().map(BilledAccount::accountId).toList();
        Map<Long, List<SubscribedSpan>> spans =
                rows.spans(numbers).stream().collect(Collectors.groupingBy(SubscribedSpan::accountId));
        Set<InvoicedPeriod> invoiced = rows.invoiced(
                numbers,
                at(month.minusMonths(LOOKED_BACK)).minus(ZONES),
                at(month.plusMonths(1)).plus(ZONES));
        Map<Long, List<AdjustableInvoice>> adjustable = rows.adjustable(numbers).stream()
                .collect(Collectors.groupingBy(each -> each.of().accountId()));
        List<Wanted> wanted = new ArrayList<>();
        List<OpenPeriod> open = new ArrayList<>();
        List<Fault> faults = new ArrayList<>();
        for (BilledAccount account : accounts) {
            try {
                Bills bills = new Bills(account, spans.getOrDefault(account.accountId(), List.of()), versions);
                wanted.addAll(wanted(bills, adjustable.getOrDefault(account.accountId(), List.of()), invoiced));
                open.addAll(open(account, bills, invoiced));
            } catch (OperatorException e) {
                // The others are billed all the same.
                faults.add(new Fault(account.name(), e));
            }
        }
        UsageOfParts usage = UsageOfParts.read(
                wanted.stream().flatMap(each -> each.bills().stream()).toList(), rows);
        Map<Period, Integer> incomplete = new HashMap<>();
        return new Page(
                wanted.stream()
                        .map(each -> draft(each, usage, rows, incomplete))
                        .toList(),
                open,
                faults);
    }

    private List<OpenPeriod> open(BilledAccount account, Bills bills, Set<InvoicedPeriod> invoiced) {
        List<OpenPeriod> open = new ArrayList<>();
        for (int back = LOOKED_BACK; back > 0; back--) {
            YearMonth earlier = month.minusMonths(back);
            bills.beginningIn(earlier).stream()
                    .filter(bill ->
                            !invoiced.contains(bill.of()) && !bill.period().to().isAfter(now))
                    .map(bill -> new OpenPeriod(account.name(), earlier, bill.calendar()))
                    .forEach(open::add);
        }
        return open;
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
        List<Again> again = new ArrayList<>();
        for (AdjustableInvoice invoice : adjustable) {
            Bill bill = bills.of(
                    calendar(invoice.of()),
                    Currency.getInstance(invoice.of().currency()),
                    new Period(invoice.of().from(), invoice.to()));
            again.add(new Again(invoice, bill));
        }
        List<Wanted> wanted = new ArrayList<>();
        Set<Currency> billed = new HashSet<>();
        for (Bill bill : bills.beginningIn(month)) {
            billed.add(bill.currency());
            if (!invoiced.contains(bill.of())) {
                wanted.add(new Wanted(bill, taken(again, bill)));
            }
        }
        // Of currencies that nothing else is billed in this month; where something is, or was, there is a next invoice
        // to come.
        for (Again each : List.copyOf(again)) {
            if (billed.contains(each.bill().currency())) {
                continue;
            }
            Bill bill = bills.empty(calendar(each.invoice().of()), each.bill().currency(), month);
            List<Again> its = taken(again, bill);
            if (!its.isEmpty()) {
                wanted.add(new Wanted(bill, its));
            }
        }
        return wanted;
    }

    /** Takes out what a bill may adjust: of its currency, and of periods that end no later than its own. */
    private static List<Again> taken(List<Again> again, Bill bill) {
        List<Again> its = again.stream()
                .filter(each -> each.bill().currency().equals(bill.currency())
                        && !each.invoice().to().isAfter(bill.period().to()))
                .toList();
        again.removeAll(its);
        return its;
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
                bill.strands().isEmpty() ? InvoiceKind.ADJUSTMENT : InvoiceKind.INVOICE,
                bill.of(),
                bill.period().to(),
                new NewInvoice.Sums(rated.net(), rated.tax()),
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
                LineDetail.of(line, strand.key().map(SubscribedSpan.KeyName::label), Optional.of(part.hours()))
                        .toString(),
                line.amount());
    }

    /** A minimum's top-up, by the account's own plan, or where it has none, its first key's; or a tax. */
    private static InvoiceLine plain(Bill bill, RatedLine line) {
        Optional<Long> plan = line.plan()
                .map(ref -> bill.strands().get(0).parts())
                .map(parts -> parts.get(parts.size() - 1).planId());
        return new InvoiceLine(
                line.kind().text(),
                line.name(),
                plan,
                plan.flatMap(number -> bill.strands().get(0).key()).map(SubscribedSpan.KeyName::keyId),
                plan.map(number -> new InvoiceLine.Hours(
                        bill.period().from(), bill.period().to())),
                Optional.empty(),
                Optional.empty(),
                LineDetail.of(line, Optional.empty(), Optional.empty()).toString(),
                line.amount());
    }

    private static Instant at(YearMonth month) {
        return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
