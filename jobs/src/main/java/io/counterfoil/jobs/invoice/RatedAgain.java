package io.counterfoil.jobs.invoice;

import io.counterfoil.jobs.invoice.Bill.Part;
import io.counterfoil.jobs.invoice.Bill.Strand;
import io.counterfoil.jobs.plans.BillingPeriod;
import io.counterfoil.jobs.plans.Period;
import io.counterfoil.jobs.rating.Adjustment;
import io.counterfoil.jobs.rating.RatedLine;
import io.counterfoil.jobs.rating.RatedPeriod;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.invoice.BillingRows;
import io.counterfoil.sql.invoice.FinalInvoice;
import io.counterfoil.sql.invoice.FinalInvoices;
import io.counterfoil.sql.invoice.FinalLine;
import io.counterfoil.sql.invoice.InvoiceKind;
import io.counterfoil.sql.invoice.InvoicedPeriod;
import io.counterfoil.sql.invoice.SegmentUsage;
import io.counterfoil.sql.invoice.SubscribedSpan;
import org.jdbi.v3.core.Handle;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Currency;
import java.util.List;
import java.util.Optional;

/** A final invoice's period, rated anew from what was counted when it became final. */
final class RatedAgain {
    /** @param within where it is of a part of the period: its hours */
    record Line(RatedLine line, Optional<SubscribedSpan.KeyName> key, Optional<Period> within) {
        boolean is(FinalLine other) {
            return line.kind().text().equals(other.stored().kind())
                    && line.name().equals(other.stored().name())
                    && line.plan().map(plan -> plan.text()).equals(other.plan().map(FinalLine.PlanName::text))
                    && (within.isEmpty()
                            || (key.map(SubscribedSpan.KeyName::keyId)
                                            .equals(other.stored().key())
                                    && other.stored()
                                            .hours()
                                            .filter(hours -> hours.since()
                                                    .equals(within.get().from()))
                                            .isPresent()))
                    && line.usage()
                            .map(usage -> usage.meter().measure().text())
                            .equals(other.stored().billed().map(billed -> billed.measure()));
        }
    }

    private final RatedPeriod rated;
    private final List<Line> left;

    private RatedAgain(RatedPeriod rated, List<Line> lines) {
        this.rated = rated;
        this.left = lines;
    }

    /** @throws OperatorException category CORRUPT where more was counted after it than is counted now */
    static RatedAgain of(Handle handle, FinalInvoice invoice, FinalInvoices invoices) {
        BillingRows rows = new BillingRows(handle);
        Bills bills =
                new Bills(Buyers.of(invoice), rows.spans(List.of(invoice.of().accountId())), new PlanVersions(rows));
        Bill bill = invoice.kind() == InvoiceKind.ADJUSTMENT
                ? new Bill(
                        Buyers.of(invoice),
                        calendar(invoice.of()),
                        Currency.getInstance(invoice.of().currency()),
                        new Period(invoice.of().from(), invoice.to()),
                        List.of())
                : bill(bills, invoice.of(), invoice.to());
        List<FinalLine> adjusting = invoice.lines().stream()
                .filter(line -> line.stored().adjusts().isPresent())
                .toList();
        List<Bill> all = new ArrayList<>(List.of(bill));
        for (FinalLine line : adjusting) {
            FinalInvoice earlier = invoices.require(line.stored().adjusts().orElseThrow());
            all.add(bill(bills, earlier.of(), earlier.to()));
        }
        UsageOfParts usage =
                UsageOfParts.read(all, segments -> notNegative(rows.usageAsOf(segments, invoice.mergeNo()), invoice));
        List<Adjustment> adjustments = new ArrayList<>();
        for (int i = 0; i < adjusting.size(); i++) {
            FinalLine line = adjusting.get(i);
            long earlier = line.stored().adjusts().orElseThrow();
            BigDecimal credited = invoices.credits(earlier).stream()
                    .filter(credit -> credit.number() < invoice.number())
                    .map(FinalInvoice.Credit::net)
                    .reduce(BigDecimal.ZERO, BigDecimal::add);
            BigDecimal net = all.get(i + 1).rated(usage::of, List.of()).net();
            adjustments.add(new Adjustment(
                    line.stored().name(),
                    Adjusted.amount(net, invoices.invoicedBefore(earlier, invoice.number()), credited)));
        }
        RatedPeriod rated = bill.rated(usage::of, adjustments);
        List<Line> lines = new ArrayList<>();
        rated.lines().forEach(line -> lines.add(placed(bill, line)));
        return new RatedAgain(rated, lines);
    }

    private static Bill bill(Bills bills, InvoicedPeriod of, Instant to) {
        return bills.of(calendar(of), Currency.getInstance(of.currency()), new Period(of.from(), to));
    }

    private static BillingPeriod calendar(InvoicedPeriod of) {
        return new BillingPeriod(BillingPeriod.Interval.named(of.interval()).orElseThrow(), of.anchorDay());
    }

    private static Line placed(Bill bill, RatedLine line) {
        if (line.place().isEmpty()) {
            return new Line(line, Optional.empty(), Optional.empty());
        }
        RatedLine.Place place = line.place().get();
        Strand strand = bill.strands().get(place.timeline());
        Part part = strand.parts().get(place.segment());
        return new Line(line, strand.key(), Optional.of(part.within()));
    }

    private static List<SegmentUsage> notNegative(List<SegmentUsage> usage, FinalInvoice invoice) {
        usage.stream()
                .filter(each ->
                        each.requests().min(each.units()).min(each.bytesOut()).signum() < 0)
                .findFirst()
                .ifPresent(each -> {
                    throw OperatorException.corrupt("invoice " + invoice.number()
                            + " cannot be recomputed: on route " + each.route() + " usage_hourly holds less than"
                            + " usage_restatement says was counted after the invoice (" + each.requests()
                            + " requests, " + each.units() + " units, " + each.bytesOut()
                            + " bytes_out), expected 0 or more; somebody changed usage: counterfoil job audit");
                });
        return usage;
    }

    RatedPeriod rated() {
        return rated;
    }

    /** The line of the invoice as it was rated anew, once. */
    Optional<Line> take(FinalLine line) {
        Optional<Line> found = left.stream().filter(each -> each.is(line)).findFirst();
        found.ifPresent(left::remove);
        return found;
    }

    /** Those that no line of the invoice took. */
    List<RatedLine> left() {
        return left.stream().map(Line::line).toList();
    }
}
