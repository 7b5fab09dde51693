package io.counterfoil.jobs.invoice;

import io.counterfoil.jobs.invoice.Draft.Because;

import java.math.BigDecimal;
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
 */
public record Finalised(
        long accounts,
        long invoices,
        Optional<Numbers> numbers,
        SortedMap<String, BigDecimal> totals,
        Map<Because, Long> waiting,
        Map<Because, String> firstWaiting) {
    /** From first to last, inclusive. */
    public record Numbers(long first, long last) {}

    /** Adds up pages. */
    static final class Count {
        private long accounts;
        private long invoices;
        private Optional<Numbers> numbers = Optional.empty();
        private final SortedMap<String, BigDecimal> totals = new TreeMap<>();
        private final Map<Because, Long> waiting = new EnumMap<>(Because.class);
        private final Map<Because, String> firstWaiting = new EnumMap<>(Because.class);

        void add(int ofAccounts, List<Draft> drafts, List<Draft> ready, long first) {
            accounts += ofAccounts;
            for (Draft draft : ready) {
                totals.merge(draft.invoice().of().currency(), draft.rated().total(), BigDecimal::add);
            }
            Set<Draft> made = Collections.newSetFromMap(new IdentityHashMap<>());
            made.addAll(ready);
            for (Draft draft : drafts) {
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
                    accounts, invoices, numbers, new TreeMap<>(totals), Map.copyOf(waiting), Map.copyOf(firstWaiting));
        }
    }
}
