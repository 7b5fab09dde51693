package io.counterfoil.jobs.invoice;

import io.counterfoil.jobs.invoice.Bill.Part;
import io.counterfoil.jobs.invoice.Bill.Strand;
import io.counterfoil.jobs.plans.BillingPeriod;
import io.counterfoil.jobs.plans.Period;
import io.counterfoil.jobs.plans.PlanVersion;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.invoice.BilledAccount;
import io.counterfoil.sql.invoice.SubscribedSpan;
import io.counterfoil.sql.invoice.SubscribedSpan.KeyName;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Currency;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An account's subscriptions, as bills. Plans of other calendars or currencies are billed apart, so a change between them needs no rule: the
 * former's period is billed as far as it was in force, the other's from then on.
 */
final class Bills {
    private record Kind(BillingPeriod calendar, Currency currency) {}

    private record Rated(SubscribedSpan span, PlanVersion plan) {
        Kind kind() {
            return new Kind(plan.period(), plan.card().currency());
        }
    }

    private final BilledAccount account;
    private final ZoneId zone;
    private final List<Rated> spans;

    /** @param spans the account's; those of versions without rates bill nothing */
    Bills(BilledAccount account, List<SubscribedSpan> spans, PlanVersions versions) {
        this.account = account;
        this.zone = zone(account);
        this.spans = spans.stream()
                .flatMap(span -> versions.find(span.planId()).map(plan -> new Rated(span, plan)).stream())
                .toList();
    }

    /** Those whose periods begin in a month of the account's zone, in the order of their beginnings. */
    List<Bill> beginningIn(YearMonth month) {
        Set<Kind> kinds = new LinkedHashSet<>();
        spans.forEach(span -> kinds.add(span.kind()));
        List<Bill> bills = new ArrayList<>();
        for (Kind kind : kinds) {
            kind.calendar()
                    .beginningIn(month, zone)
                    .map(period -> of(kind.calendar(), kind.currency(), period))
                    .filter(bill -> !bill.strands().isEmpty())
                    .ifPresent(bills::add);
        }
        bills.sort(Comparator.comparing((Bill bill) -> bill.period().from())
                .thenComparing(bill -> bill.currency().getCurrencyCode())
                .thenComparing(bill -> bill.calendar().interval())
                .thenComparing(bill -> bill.calendar().anchorDay()));
        return bills;
    }

    /** The one of that period. */
    Bill of(BillingPeriod calendar, Currency currency, Period period) {
        Kind kind = new Kind(calendar, currency);
        Map<Optional<KeyName>, List<Part>> strands = new LinkedHashMap<>();
        for (Rated rated : spans) {
            if (rated.kind().equals(kind)) {
                clipped(rated.span(), period)
                        .ifPresent(hours -> add(
                                strands.computeIfAbsent(rated.span().key(), key -> new ArrayList<>()),
                                new Part(rated.span().planId(), rated.plan(), hours, hours.hours())));
            }
        }
        return new Bill(
                account,
                calendar,
                currency,
                period,
                strands.entrySet().stream()
                        .map(strand -> new Strand(strand.getKey(), strand.getValue()))
                        .toList());
    }

    /** For what is only to adjust earlier ones: no plan, in a period that begins in that month. */
    Bill empty(BillingPeriod calendar, Currency currency, YearMonth month) {
        Optional<Period> own = calendar.beginningIn(month, zone);
        BillingPeriod usual = new BillingPeriod(BillingPeriod.Interval.MONTHLY, 1);
        return new Bill(
                account,
                own.isPresent() ? calendar : usual,
                currency,
                own.or(() -> usual.beginningIn(month, zone)).orElseThrow(),
                List.of());
    }

    /** A change to the same version changes nothing. */
    private static void add(List<Part> parts, Part next) {
        int last = parts.size() - 1;
        if (last >= 0 && parts.get(last).planId() == next.planId()) {
            Part before = parts.get(last);
            Period within = new Period(before.within().from(), next.within().to());
            parts.set(last, new Part(next.planId(), next.plan(), within, before.hours() + next.hours()));
        } else {
            parts.add(next);
        }
    }

    private static Optional<Period> clipped(SubscribedSpan span, Period period) {
        Instant from = span.since().isAfter(period.from()) ? span.since() : period.from();
        Instant to = span.until().isBefore(period.to()) ? span.until() : period.to();
        return from.isBefore(to) ? Optional.of(new Period(from, to)) : Optional.empty();
    }

    private static ZoneId zone(BilledAccount account) {
        try {
            return ZoneId.of(account.timeZone());
        } catch (DateTimeException e) {
            throw OperatorException.input("time zone of account '" + account.name() + "' is '" + account.timeZone()
                    + "', expected one of the IANA's that this Java knows, as in Europe/Berlin: bring its time zone data up to date, or, before the"
                    + " first invoice: counterfoil account set NAME --time-zone ZONE");
        }
    }
}
