package io.counterfoil.jobs.invoice;

import io.counterfoil.jobs.plans.PlanJson;
import io.counterfoil.jobs.plans.PlanVersion;
import io.counterfoil.sql.invoice.BillingRows;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Versions of plans by their number in the database, each read once: one that a subscription names never changes. */
final class PlanVersions {
    private final Map<Long, Optional<PlanVersion>> known = new HashMap<>();
    private BillingRows rows;

    PlanVersions(BillingRows rows) {
        this.rows = rows;
    }

    /** What is asked for next is read there. */
    void readFrom(BillingRows others) {
        rows = others;
    }

    /** Empty where it has no rates: it bills nothing. */
    Optional<PlanVersion> find(long plan) {
        return known.computeIfAbsent(plan, number -> rows.definition(number).map(PlanJson::read));
    }
}
