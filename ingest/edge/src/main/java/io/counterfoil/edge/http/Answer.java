package io.counterfoil.edge.http;

import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.edge.admission.Admission;
import io.counterfoil.edge.http.Problems.Problem;
import io.counterfoil.edge.route.Route;
import io.vertx.core.buffer.Buffer;

import java.util.Optional;

/**
 * What a request is going to be answered, and what its record will say of it.
 *
 * @param route empty where none matched
 * @param close whether the connection ends with this answer
 */
record Answer(Decision decision, Admission admission, Optional<Route> route, int status, Buffer body, boolean close) {

    static Answer document(Admission admission, Route route, Buffer document) {
        return new Answer(admission.decision(), admission, Optional.of(route), 200, document, false);
    }

    static Answer problem(Admission admission, Optional<Route> route, Problem problem) {
        Decision decision = route.isPresent() ? admission.decision() : Decision.UNROUTED;
        return new Answer(decision, admission, route, problem.status(), problem.body(), false);
    }

    /** The same request, answered otherwise, and the connection closed. */
    Answer insteadClosing(Problem problem) {
        return new Answer(decision, admission, route, problem.status(), problem.body(), true);
    }

    boolean isProblem() {
        return status >= 400;
    }

    String routeName() {
        return route.isPresent() ? route.get().name() : "-";
    }

    long units() {
        return route.isPresent() ? route.get().units() : 1;
    }
}
