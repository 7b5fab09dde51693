package io.counterfoil.jobs.dispute;

import io.counterfoil.sql.dispute.DisputeRows.Hour;
import io.counterfoil.sql.dispute.DisputeRows.Scope;
import io.counterfoil.sql.dispute.KeySpan;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What is to be shown, without the records.
 *
 * @param head writes the first row
 * @param spans of the keys, by key
 * @param hours with usage, in order; what is counted in them with all outcomes
 * @param batchesAfter that counted after the invoice
 */
record Dispute(
        Consumer<DisputeFile> head,
        Scope scope,
        List<DisputedLine> lines,
        Map<Long, List<KeySpan>> spans,
        List<Hour> hours,
        Set<Long> batchesAfter) {
    static Map<Long, List<KeySpan>> byKey(List<KeySpan> spans) {
        return spans.stream().collect(Collectors.groupingBy(KeySpan::key, HashMap::new, Collectors.toList()));
    }

    /** Whose records are shown of an hour. */
    Set<Long> keys(Instant hour) {
        return scope.key()
                .map(Set::of)
                .orElseGet(() -> spans.entrySet().stream()
                        .filter(key -> key.getValue().stream().anyMatch(span -> span.at(hour)))
                        .map(Map.Entry::getKey)
                        .collect(Collectors.toSet()));
    }

    Optional<KeySpan> span(long key, Instant hour) {
        return spans.getOrDefault(key, List.of()).stream()
                .filter(span -> span.at(hour))
                .findFirst();
    }

    /** What all hours of a line add up to. */
    static BigDecimal onInvoice(DisputedLine line) {
        return line.hours().values().stream().map(hour -> hour.onInvoice()).reduce(BigDecimal.ZERO, BigDecimal::add);
    }
}
