package io.counterfoil.jobs.invoice;

import io.counterfoil.jobs.invoice.Draft.Because;

import java.math.BigDecimal;
import java.time.YearMonth;
import java.util.Collections;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What became final, and what did not.
 *
 * @param accounts that were looked at
 * @param numbers from the first to the last; empty: none became final. Others may have numbers in between
 * @param totals by currency
 * @param waiting how many could not be final, by why
 * @param firstWaiting of each of these, the first account with the reason, for people
 * @param open earlier periods that have ended and are not final
 * @param faults accounts that cannot be billed
 */
public record Finalised(
        long accounts,
        long invoices,
        Optional<Numbers> numbers,
        SortedMap<String, BigDecimal> totals,
        Map<Because, Long> waiting,
        Map<Because, String> firstWaiting,
        Open open,
        Faults faults) {
    /**
     * Earlier periods that are open.
     *
     * @param first the month to finalise first; empty where there are none
     */
    public record Open(long periods, Optional<YearMonth> first) {}

    /**
     * Accounts that cannot be billed.
     *
     * @param first one of them with why, for people
     */
    public record Faults(long accounts, Optional<String> first) {}

    /** From first to last, inclusive. */
    public record Numbers(long first, long last) {}

    /** Adds up pages. */
    static final class Count {
        private long accounts;
        private long invoices;
        private Optional<Numbers> numbers = Optional.empty();
        private long openPeriods;
        private Optional<YearMonth> openFirst = Optional.empty();
        private long faults;
        private Optional<String> firstFault = Optional.empty();
        private final SortedMap<String, BigDecimal> totals = new TreeMap<>();
        private final Map<Because, Long> waiting = new EnumMap<>(Because.class);
        private final Map<Because, String> firstWaiting = new EnumMap<>(Because.class);

        void add(int ofAccounts, DraftPages.Page page, List<Draft> ready, long first) {
            accounts += ofAccounts;
            for (DraftPages.OpenPeriod each : page.open()) {
                openFirst =
                        openFirst.filter(other -> other.isBefore(each.month())).or(() -> Optional.of(each.month()));
            }
            openPeriods += page.open().size();
            page.faults().stream()
                    .findFirst()
                    .filter(fault -> faults == 0)
                    .ifPresent(fault -> firstFault =
                            Optional.of(fault.account() + ": " + fault.why().getMessage()));
            faults += page.faults().size();
            for (Draft draft : ready) {
                totals.merge(draft.invoice().of().currency(), draft.rated().total(), BigDecimal::add);
            }
            Set<Draft> made = Collections.newSetFromMap(new IdentityHashMap<>());
            made.addAll(ready);
            for (Draft draft : page.drafts()) {
                draft.waits().filter(wait -> !made.contains(draft)).ifPresent(wait -> {
                    waiting.merge(wait.because(), 1L, Long::sum);
                    firstWaiting.putIfAbsent(wait.because(), draft.account() + ": " + wait.text());
                });
            }
            invoices += ready.size();
            if (!ready.isEmpty()) {
                numbers = Optional.of(new Numbers(numbers.map(Numbers::first).orElse(first), first + ready.size() - 1));
            }
        }

        Finalised soFar() {
            return new Finalised(
                    accounts,
                    invoices,
                    numbers,
                    new TreeMap<>(totals),
                    Map.copyOf(waiting),
                    Map.copyOf(firstWaiting),
                    new Open(openPeriods, openFirst),
                    new Faults(faults, firstFault));
        }
    }
}
