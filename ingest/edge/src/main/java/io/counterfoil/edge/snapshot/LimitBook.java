package io.counterfoil.edge.snapshot;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** The plans' limits and the overrides of them. Few; made anew whenever one changes. Immutable; looking a plan up allocates nothing. */
final class LimitBook {
    static final LimitBook EMPTY = new LimitBook(new TreeMap<>(), new TreeMap<>());

    private final NavigableMap<Long, Limit> limits;
    private final NavigableMap<Long, QuotaOverride> overrides;
    private final long[] planIds;
    private final PlanLimits[] plans;
    /** The newest first. */
    private final Map<Long, List<QuotaOverride>> ofKeys = new HashMap<>();

    private final Map<Long, List<QuotaOverride>> ofAccounts = new HashMap<>();

    private LimitBook(NavigableMap<Long, Limit> limits, NavigableMap<Long, QuotaOverride> overrides) {
        this.limits = limits;
        this.overrides = overrides;
        TreeMap<Long, List<Limit>> byPlan = new TreeMap<>();
        limits.values()
                .forEach(limit -> byPlan.computeIfAbsent(limit.planId(), plan -> new ArrayList<>())
                        .add(limit));
        planIds = byPlan.keySet().stream().mapToLong(Long::longValue).toArray();
        plans = byPlan.entrySet().stream()
                .map(plan -> new PlanLimits(plan.getKey(), plan.getValue()))
                .toArray(PlanLimits[]::new);
        for (QuotaOverride each : overrides.descendingMap().values()) {
            Map<Long, List<QuotaOverride>> of = each.keyId() > 0 ? ofKeys : ofAccounts;
            of.computeIfAbsent(each.keyId() > 0 ? each.keyId() : each.accountId(), subject -> new ArrayList<>())
                    .add(each);
        }
    }

    /** With these in place of what they replace, without those that ended. */
    LimitBook with(LimitChanges changes) {
        if (changes.limits().isEmpty() && changes.overrides().isEmpty()) {
            return this;
        }
        TreeMap<Long, Limit> nextLimits = new TreeMap<>(limits);
        TreeMap<Long, QuotaOverride> nextOverrides = new TreeMap<>(overrides);
        changes.limits().forEach(change -> put(nextLimits, change.value().limitId(), change));
        changes.overrides().forEach(change -> put(nextOverrides, change.value().overrideId(), change));
        return new LimitBook(nextLimits, nextOverrides);
    }

    private static <T> void put(Map<Long, T> values, long id, LimitChanges.Change<T> change) {
        if (change.ended()) {
            values.remove(id);
        } else {
            values.put(id, change.value());
        }
    }

    Collection<Limit> limits() {
        return limits.values();
    }

    Collection<QuotaOverride> overrides() {
        return overrides.values();
    }

    Optional<Limit> limit(long limitId) {
        return Optional.ofNullable(limits.get(limitId));
    }

    PlanLimits of(long planId) {
        int at = planId == 0 ? -1 : Arrays.binarySearch(planIds, planId);
        return at < 0 ? PlanLimits.NONE : plans[at];
    }

    boolean hasOverride(long keyId, long accountId) {
        return !overrides.isEmpty() && (ofKeys.containsKey(keyId) || ofAccounts.containsKey(accountId));
    }

    /** The quota of the limit that holds for the key: its own override's, else its account's, else the plan's. */
    long quota(Limit limit, long keyId, long accountId, Instant now) {
        for (List<QuotaOverride> own :
                List.of(ofKeys.getOrDefault(keyId, List.of()), ofAccounts.getOrDefault(accountId, List.of()))) {
            for (QuotaOverride each : own) {
                if (each.isOf(limit, now)) {
                    return each.quota();
                }
            }
        }
        return limit.quota();
    }
}
