package io.counterfoil.jobs.plans;

import io.counterfoil.jobs.plans.PlanChange.Kind;
import io.counterfoil.jobs.rating.PlanRef;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.PlanVersionStore;
import io.counterfoil.sql.account.PlanVersionStore.Stored;
import org.jdbi.v3.core.Jdbi;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Brings the database's plans up to what a catalogue says, in one transaction: all of it or nothing. A version that a subscription names
 * never changes, and none is ever removed.
 */
public final class PlanApply {
    private final Jdbi jdbi;

    public PlanApply(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Tells what it does, and does it.
     *
     * @param dryRun tells, and changes nothing
     * @return every version of the catalogue and of the database, in the catalogue's order, then what it does not have
     * @throws OperatorException category INPUT where a version in use is another one in the catalogue; nothing was changed
     */
    public List<PlanChange> run(Catalogue catalogue, boolean dryRun, Instant now) {
        return jdbi.inTransaction(handle -> {
            PlanVersionStore store = new PlanVersionStore(handle);
            store.hold();
            return new Comparison(store, catalogue).applied(dryRun, now);
        });
    }

    private static final class Comparison {
        private final PlanVersionStore store;
        private final Catalogue catalogue;
        private final Map<PlanRef, Stored> stored = new LinkedHashMap<>();
        private final Map<String, Integer> latest = new LinkedHashMap<>();
        private final List<String> refused = new ArrayList<>();

        Comparison(PlanVersionStore store, Catalogue catalogue) {
            this.store = store;
            this.catalogue = catalogue;
            for (Stored version : store.all()) {
                stored.put(new PlanRef(version.plan(), version.version()), version);
                latest.merge(version.plan(), version.version(), Math::max);
            }
        }

        List<PlanChange> applied(boolean dryRun, Instant now) {
            Map<PlanChange, PlanVersion> changes = new LinkedHashMap<>();
            for (Plan plan : catalogue.plans()) {
                plan.versions().forEach(version -> changes.put(change(plan, version), version));
            }
            if (!refused.isEmpty()) {
                throw OperatorException.input(String.join("\n", refused) + "\nNothing was applied");
            }
            boolean writes =
                    changes.keySet().stream().anyMatch(change -> change.kind().writes());
            if (!dryRun && writes) {
                changes.forEach((change, version) -> write(change, version, now));
                store.finish(now);
            }
            List<PlanChange> all = new ArrayList<>(changes.keySet());
            Set<PlanRef> told = changes.values().stream().map(PlanVersion::ref).collect(Collectors.toSet());
            stored.forEach((ref, version) -> {
                if (!told.contains(ref)) {
                    all.add(new PlanChange(ref, Kind.KEPT, List.of(), version.keys()));
                }
            });
            return all;
        }

        private PlanChange change(Plan plan, PlanVersion version) {
            Stored present = stored.get(version.ref());
            if (present == null) {
                boolean known =
                        latest.containsKey(plan.name()) || plan.versions().indexOf(version) > 0;
                return new PlanChange(version.ref(), known ? Kind.NEW_VERSION : Kind.NEW_PLAN, List.of(), 0);
            }
            List<PlanChange.Field> fields = present.definition()
                    .map(definition -> PlanDiff.of(PlanJson.read(definition), version))
                    .orElseGet(() -> PlanDiff.of(store.limits(present.id()), version));
            if (present.used() && !fields.isEmpty()) {
                refuse(plan, present, fields);
            }
            return new PlanChange(
                    version.ref(), fields.isEmpty() ? Kind.UNCHANGED : Kind.CHANGED, fields, present.keys());
        }

        private void refuse(Plan plan, Stored present, List<PlanChange.Field> fields) {
            int next = Math.max(latest.get(plan.name()), plan.latest().ref().version()) + 1;
            refused.add("plan '" + plan.name() + "' version " + present.version() + " is in use and never changes"
                    + (present.definition().isEmpty() ? ", it was made without a plans file" : "") + "; it differs in "
                    + String.join(
                            "; ", fields.stream().map(PlanChange.Field::text).toList())
                    + ". Leave it as it is, and write the change as version " + next);
        }

        private void write(PlanChange change, PlanVersion version, Instant now) {
            if (change.kind() == Kind.CHANGED) {
                store.change(stored.get(change.ref()).id(), PlanJson.write(version), version.limits(), now);
            } else if (change.kind().writes()) {
                store.insert(PlanJson.write(version), version.limits(), now);
            }
        }
    }
}
