package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.jobs.plans.PlanChange;
import io.counterfoil.jobs.plans.PlanChange.Kind;

import java.util.ArrayList;
import java.util.List;

/** What 'plan apply' did or would do, for people and for programs. */
final class PlanChanges {
    private PlanChanges() {}

    static List<String> text(List<PlanChange> changes, boolean applied) {
        List<String> lines = new ArrayList<>();
        for (PlanChange change : changes) {
            lines.add("plan " + change.ref().text() + ": " + what(change));
            change.fields().forEach(field -> lines.add("  " + field.text()));
        }
        long written = changes.stream().filter(change -> change.kind().writes()).count();
        lines.add(
                written == 0
                        ? "nothing to change"
                        : written
                                + (written == 1 ? " version" : " versions")
                                + (applied ? " applied" : " to apply; nothing was, this is a dry run"));
        return lines;
    }

    private static String what(PlanChange change) {
        return switch (change.kind()) {
            case NEW_PLAN -> "new plan";
            case NEW_VERSION -> "new version";
            case CHANGED -> "changed, no subscription names it yet";
            case UNCHANGED -> "unchanged";
            case KEPT -> "not in the file, stays as it is" + keys(change.keys());
        };
    }

    private static String keys(long keys) {
        return keys == 0 ? "" : keys == 1 ? " (1 key)" : String.format(" (%,d keys)", keys);
    }

    static ObjectNode json(List<PlanChange> changes, boolean applied) {
        ObjectNode json = new ObjectMapper().createObjectNode();
        boolean writes = changes.stream().map(PlanChange::kind).anyMatch(Kind::writes);
        json.put("applied", applied && writes);
        json.putArray("versions");
        for (PlanChange change : changes) {
            ObjectNode version = json.withArray("/versions").addObject();
            version.put("plan", change.ref().plan()).put("version", change.ref().version());
            version.put("change", change.kind().text()).put("keys", change.keys());
            version.putArray("fields");
            change.fields()
                    .forEach(field -> version.withArray("/fields")
                            .addObject()
                            .put("field", field.name())
                            .put("before", field.before())
                            .put("after", field.after()));
        }
        return json;
    }
}
