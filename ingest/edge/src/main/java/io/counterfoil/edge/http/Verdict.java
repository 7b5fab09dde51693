package io.counterfoil.edge.http;

import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.edge.admission.Admission;
import io.counterfoil.edge.route.Route;

import java.util.Optional;

/**
 * What was decided of a request.
 *
 * @param route empty where none matched
 * @param reply what is answered; empty where the route's target is asked
 */
record Verdict(Decision decision, Admission admission, Optional<Route<RouteTarget>> route, Optional<Reply> reply) {
    static Verdict of(Admission admission, Route<RouteTarget> route, Reply reply) {
        return new Verdict(admission.decision(), admission, Optional.of(route), Optional.of(reply));
    }

    static Verdict of(Decision decision, Admission admission, Route<RouteTarget> route, Reply reply) {
        return new Verdict(decision, admission, Optional.of(route), Optional.of(reply));
    }

    static Verdict proxied(Admission admission, Route<RouteTarget> route) {
        return new Verdict(admission.decision(), admission, Optional.of(route), Optional.empty());
    }

    /** Whatever limits say of the key: asking what was used counts towards none. */
    static Verdict asked(Admission admission, Route<RouteTarget> route) {
        Decision decision = admission.decision() == Decision.REFUSED ? Decision.ADMITTED : admission.decision();
        return new Verdict(decision, admission, Optional.of(route), Optional.empty());
    }

    static Verdict unrouted(Admission admission, Reply reply) {
        return new Verdict(Decision.UNROUTED, admission, Optional.empty(), Optional.of(reply));
    }

    String routeName() {
        return route.isPresent() ? route.get().name() : "-";
    }

    long units() {
        return route.isPresent() ? route.get().units() : 1;
    }
}
