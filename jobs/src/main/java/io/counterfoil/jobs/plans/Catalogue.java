package io.counterfoil.jobs.plans;

import io.counterfoil.sql.OperatorException;

import java.util.List;

/**
 * All plans.
 *
 * @param plans in the file's order, each name once
 */
public record Catalogue(List<Plan> plans) {
    public Catalogue {
        plans = List.copyOf(plans);
        if (plans.stream().map(Plan::name).distinct().count() < plans.size()) {
            throw OperatorException.input("two plans have one name, expected each name once");
        }
    }

    /** @throws OperatorException category INPUT where there is no plan of that name */
    public Plan require(String name) {
        return plans.stream()
                .filter(plan -> plan.name().equals(name))
                .findFirst()
                .orElseThrow(() -> OperatorException.input("plan is '" + name + "', expected one of "
                        + String.join(", ", plans.stream().map(Plan::name).toList())));
    }
}
