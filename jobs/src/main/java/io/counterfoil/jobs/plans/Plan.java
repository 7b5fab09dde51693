package io.counterfoil.jobs.plans;

import io.counterfoil.sql.OperatorException;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A plan with all its versions.
 *
 * @param versions at least one, each number once, in the order of their numbers
 */
public record Plan(String name, List<PlanVersion> versions) {
    /** @throws OperatorException category INPUT where there is no version, a number is there twice, or one is of another plan */
    public Plan {
        versions = versions.stream()
                .sorted((a, b) -> Integer.compare(a.ref().version(), b.ref().version()))
                .toList();
        if (versions.isEmpty()) {
            throw OperatorException.input("plan '" + name + "' has no versions, expected at least one");
        }
        Set<Integer> numbers = new HashSet<>();
        for (PlanVersion version : versions) {
            if (!version.ref().plan().equals(name)) {
                throw new IllegalArgumentException(
                        "version of plan " + version.ref().plan() + " in plan " + name);
            }
            if (!numbers.add(version.ref().version())) {
                throw OperatorException.input("version " + version.ref().version() + " of plan '" + name
                        + "' is there twice, expected once: a change is the next version");
            }
        }
    }

    public PlanVersion latest() {
        return versions.get(versions.size() - 1);
    }

    public Optional<PlanVersion> version(int number) {
        return versions.stream().filter(each -> each.ref().version() == number).findFirst();
    }
}
