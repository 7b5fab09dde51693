package io.counterfoil.jobs.dispute;

import io.counterfoil.accesslog.record.Outcome;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.jobs.rating.Measure;
import io.counterfoil.jobs.rating.Routes;
import io.counterfoil.sql.dispute.DisputeRows.Amounts;
import io.counterfoil.sql.dispute.KeySpan;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.Set;

/**
 * Which records a line counts, and what of them.
 *
 * @param plan the version's number
 * @param key whose own subscription the line is by; empty: the account's
 * @param outcomes that the plan bills
 */
record Counts(long plan, Optional<Long> key, Measure measure, Routes routes, Set<Outcome> outcomes) {
    /** Requests of the edge's own routes are logged, and count towards nothing. */
    private static final String OWN_ROUTES = "counterfoil.";

    static boolean isMetered(String route) {
        return !route.startsWith(OWN_ROUTES);
    }

    /** @param span what was in force for the record's key in its hour */
    boolean counts(KeySpan span, String route, Outcome outcome) {
        return span.plan() == plan
                && (key.isPresent() ? span.own() && key.get() == span.key() : !span.own())
                && outcomes.contains(outcome)
                && routes.matches(route);
    }

    long of(RequestFacts facts) {
        return switch (measure) {
            case REQUESTS -> 1;
            case UNITS -> facts.units();
            case BYTES_OUT -> facts.bytesOut();
        };
    }

    BigDecimal of(Amounts amounts) {
        return switch (measure) {
            case REQUESTS -> amounts.requests();
            case UNITS -> amounts.units();
            case BYTES_OUT -> amounts.bytesOut();
        };
    }
}
