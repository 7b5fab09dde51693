package io.counterfoil.edge.snapshot;

import java.util.List;

/** What changed of limits, overrides and flags. */
record LimitChanges(List<Change<Limit>> limits, List<Change<QuotaOverride>> overrides, List<Change<Flag>> flags) {
    static final LimitChanges NONE = new LimitChanges(List.of(), List.of(), List.of());

    LimitChanges {
        limits = List.copyOf(limits);
        overrides = List.copyOf(overrides);
        flags = List.copyOf(flags);
    }

    /** One that is new or brought up to date, or one that is void at once. */
    record Change<T>(T value, boolean ended) {}
}
