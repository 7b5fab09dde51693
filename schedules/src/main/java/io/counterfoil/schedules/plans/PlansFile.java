package io.counterfoil.schedules.plans;

import io.counterfoil.jobs.plans.Catalogue;
import io.counterfoil.jobs.plans.Plan;
import io.counterfoil.jobs.plans.PlanVersion;
import io.counterfoil.schedules.yaml.YamlFaults;
import io.counterfoil.schedules.yaml.YamlFields;
import io.counterfoil.sql.OperatorException;
import org.snakeyaml.engine.v2.nodes.Node;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads {@code plans.yaml}. Every fault is told at once, each with file, line, value and what was expected. */
public final class PlansFile {
    private static final Set<String> FIELDS = YamlFields.ordered("plans");
    private static final Set<String> PLAN = YamlFields.ordered("versions");

    private PlansFile() {}

    /** @throws OperatorException category INPUT with every fault found */
    public static Catalogue read(Path file) {
        YamlFaults faults = faults(file.toString());
        return parse(faults, faults.root(faults.text(file)));
    }

    static Catalogue parse(String name, String text) {
        YamlFaults faults = faults(name);
        return parse(faults, faults.root(text));
    }

    private static YamlFaults faults(String name) {
        return new YamlFaults("plans", name, "schedules/plans.yaml");
    }

    private static Catalogue parse(YamlFaults faults, Node root) {
        YamlFields fields = new YamlFields(root, "", FIELDS, faults);
        YamlFields named = fields.section("plans", fields.isMapping(), Set.of());
        List<Plan> plans = named.names().stream()
                .flatMap(name -> plan(name, named.section(name, true, PLAN)).stream())
                .toList();
        faults.throwIfAny();
        return new Catalogue(plans);
    }

    private static Optional<Plan> plan(String name, YamlFields fields) {
        List<YamlFields> sections = fields.sections("versions", fields.isMapping(), VersionSection.FIELDS);
        List<PlanVersion> versions = sections.stream()
                .flatMap(section -> new VersionSection(name, section).read().stream())
                .toList();
        // What is left of a list with faults says nothing about the plan as a whole.
        return versions.size() == sections.size() && fields.node("versions").isPresent()
                ? fields.made(() -> new Plan(name, versions))
                : Optional.empty();
    }
}
