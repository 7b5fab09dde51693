package io.counterfoil.jobs.plans;

import io.counterfoil.accesslog.record.Outcome;
import io.counterfoil.jobs.rating.OnPlanChange;
import io.counterfoil.jobs.rating.PlanRef;
import io.counterfoil.jobs.rating.RateCard;
import io.counterfoil.jobs.rating.Segment;
import io.counterfoil.jobs.rating.Usage;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.limits.UsageLimit;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One version of a plan: never edited once it was used; a change is the next version.
 *
 * @param ref its plan's name and its number, from 1 on
 * @param limits of a window, measure, action and scope at most one
 * @param counted which outcomes are billable and count towards limits, and at which percents of a quota accounts are told
 * @param onChange where tiers begin when this version comes into force within a period
 */
public record PlanVersion(
        PlanRef ref,
        BillingPeriod period,
        List<UsageLimit> limits,
        Counted counted,
        OnPlanChange onChange,
        RateCard card) {
    /** What a plan may bill; what was refused, or came without a valid key, is never billed. */
    public static final Set<Outcome> MAY_BE_BILLABLE =
            Set.of(Outcome.SUCCESS, Outcome.CLIENT_ERROR, Outcome.SERVER_ERROR);

    /**
     * What counts, and when it is told.
     *
     * @param billable outcomes, at least one; what was refused, or came without a valid key, never is
     * @param thresholds percents of a quota, ascending, 1 to 1000, up to 10 of them
     */
    public record Counted(Set<Outcome> billable, List<Integer> thresholds) {
        /** @throws OperatorException category INPUT where an outcome cannot be billable, or a threshold is out of its range */
        public Counted {
            billable = Set.copyOf(billable);
            thresholds = thresholds.stream().sorted().distinct().toList();
            if (billable.isEmpty() || !MAY_BE_BILLABLE.containsAll(billable)) {
                throw OperatorException.input("billable is '"
                        + String.join(
                                ", ",
                                billable.stream().map(Outcome::text).sorted().toList())
                        + "', expected one or more of success, client_error, server_error");
            }
            if (thresholds.isEmpty()
                    || thresholds.size() > 10
                    || thresholds.get(0) < 1
                    || thresholds.get(thresholds.size() - 1) > 1000) {
                throw OperatorException.input(
                        "thresholds are " + thresholds + ", expected 1 to 10 percents from 1 to 1000, as [80, 100]");
            }
        }
    }

    private record Kind(String window, String measure, String action, String scope) {}

    /** @throws OperatorException category INPUT where two limits differ in their quota alone, or the number is not above 0 */
    public PlanVersion {
        limits = List.copyOf(limits);
        if (!ref.plan().matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
            throw OperatorException.input(
                    "plan name is '" + ref.plan() + "', expected 1 to 64 letters, digits, dots, dashes or underscores");
        }
        if (ref.version() < 1) {
            throw OperatorException.input("version is '" + ref.version() + "', expected 1 or more");
        }
        Set<Kind> kinds = new HashSet<>();
        for (UsageLimit limit : limits) {
            if (!kinds.add(new Kind(limit.window(), limit.measure(), limit.action(), limit.scope()))) {
                throw OperatorException.input("limit is '" + limit.text() + "', then " + limit.action() + ", per "
                        + limit.scope() + ": there is one already of that window, measure, action and scope;"
                        + " expected one");
            }
        }
    }

    /** Hours of a period in which this version was in force, for rating. */
    public Segment inForce(long hours, Usage usage) {
        return new Segment(ref, card, onChange, hours, usage);
    }
}
