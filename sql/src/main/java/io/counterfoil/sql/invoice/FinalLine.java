package io.counterfoil.sql.invoice;

import java.util.Optional;

/**
 * A line of a final invoice or credit.
 *
 * @param line its number, from 1 on
 * @param plan whose card it is by
 * @param key the label of the key by whose own subscription it is
 */
public record FinalLine(int line, Optional<PlanName> plan, Optional<String> key, InvoiceLine stored) {
    /** A version of a plan. */
    public record PlanName(String name, int version) {
        /** As {@code team v2}. */
        public String text() {
            return name + " v" + version;
        }
    }
}
