package io.counterfoil.jobs.invoice;

import io.counterfoil.jobs.plans.BillingPeriod;
import io.counterfoil.jobs.plans.Period;
import io.counterfoil.jobs.plans.PlanVersion;
import io.counterfoil.jobs.rating.Adjustment;
import io.counterfoil.jobs.rating.RatedPeriod;
import io.counterfoil.jobs.rating.Rating;
import io.counterfoil.jobs.rating.Timeline;
import io.counterfoil.jobs.rating.Usage;
import io.counterfoil.sql.invoice.BilledAccount;
import io.counterfoil.sql.invoice.InvoicedPeriod;
import io.counterfoil.sql.invoice.SubscribedSpan.KeyName;

import java.time.Instant;
import java.util.Currency;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What is billed together: an account's plans of one currency and one calendar, in one of its periods.
 *
 * @param period all of it, also where no plan was in force
 * @param strands the account's own subscription first, then keys' own, in the order of their numbers; none where only earlier periods are
 *     adjusted
 */
record Bill(BilledAccount account, BillingPeriod calendar, Currency currency, Period period, List<Strand> strands) {
    Bill {
        strands = List.copyOf(strands);
    }

    /**
     * The versions in force one after another.
     *
     * @param key by whose own subscription; empty: the account's
     * @param parts at least one; two that follow one another are of different versions
     */
    record Strand(Optional<KeyName> key, List<Part> parts) {
        Strand {
            parts = List.copyOf(parts);
        }
    }

    /**
     * Hours in which a version was in force.
     *
     * @param planId the version's number in the database
     * @param within from the first to the last of them
     * @param hours how many they are: fewer than lie within, where none was in force in between
     */
    record Part(long planId, PlanVersion plan, Period within, long hours) {}

    InvoicedPeriod of() {
        return new InvoicedPeriod(
                account.accountId(),
                calendar.interval().text(),
                calendar.anchorDay(),
                currency.getCurrencyCode(),
                period.from());
    }

    /** From the first to the last hour in which a plan was in force; of none, empty. */
    Optional<Period> hours() {
        Optional<Instant> first = parts().map(part -> part.within().from()).min(Instant::compareTo);
        Optional<Instant> last = parts().map(part -> part.within().to()).max(Instant::compareTo);
        return first.flatMap(from -> last.map(to -> new Period(from, to)));
    }

    private Stream<Part> parts() {
        return strands.stream().flatMap(strand -> strand.parts().stream());
    }

    /**
     * Rates it.
     *
     * @param usage of each part
     */
    RatedPeriod rated(Function<Part, Usage> usage, List<Adjustment> adjustments) {
        List<Timeline> timelines = strands.stream()
                .map(strand -> new Timeline(strand.parts().stream()
                        .map(part -> part.plan().inForce(part.hours(), usage.apply(part)))
                        .toList()))
                .toList();
        return Rating.rate(currency, timelines, period.hours(), adjustments, Taxes.of(account));
    }
}
