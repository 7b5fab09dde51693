package io.counterfoil.jobs.plans;

import io.counterfoil.jobs.rating.PlanRef;

import java.util.List;
import java.util.Locale;

/**
 * What becomes of a version of a plan when a catalogue is applied.
 *
 * @param fields what differs; of a changed version only
 * @param keys that are on it now
 */
public record PlanChange(PlanRef ref, Kind kind, List<Field> fields, long keys) {
    /** What kind of change it is. */
    public enum Kind {
        /** The first version of a plan that was not there. */
        NEW_PLAN,
        NEW_VERSION,
        /** It was there, and no subscription names it. */
        CHANGED,
        UNCHANGED,
        /** The catalogue does not have it: it stays. */
        KEPT;

        private final String text = name().toLowerCase(Locale.ROOT);

        public String text() {
            return text;
        }

        /** Whether the database is to be changed. */
        public boolean writes() {
            return this == NEW_PLAN || this == NEW_VERSION || this == CHANGED;
        }
    }

    /**
     * A value that differs.
     *
     * @param before {@code -} where there was none
     * @param after {@code -} where there is none
     */
    public record Field(String name, String before, String after) {
        /** For people: {@code charge 'requests' price: 0.02 -> 0.03}. */
        public String text() {
            return name + ": " + before + " -> " + after;
        }
    }

    public PlanChange {
        fields = List.copyOf(fields);
    }
}
