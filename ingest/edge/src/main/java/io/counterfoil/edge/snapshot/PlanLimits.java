package io.counterfoil.edge.snapshot;

import java.util.List;

/** The limits of one plan, and what is the same for all of its keys that have used little. Immutable. */
final class PlanLimits {
    static final PlanLimits NONE = new PlanLimits(0, List.of());

    private final long planId;
    private final List<Limit> limits;
    private final Standing standing;

    PlanLimits(long planId, List<Limit> limits) {
        this.planId = planId;
        this.limits = List.copyOf(limits);
        this.standing = Standing.of(
                this.limits.stream()
                        .map(limit -> new Standing.Quota(limit, limit.quota()))
                        .toList(),
                List.of());
    }

    long planId() {
        return planId;
    }

    List<Limit> limits() {
        return limits;
    }

    /** Of a key without flags and overrides. */
    Standing standing() {
        return standing;
    }
}
