package io.counterfoil.edge.http;

import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.edge.admission.Admission;
import io.counterfoil.edge.admission.KeyGate;
import io.counterfoil.edge.http.Problems.Problem;
import io.counterfoil.edge.route.PercentCode;
import io.counterfoil.edge.route.Route;
import io.counterfoil.edge.route.RouteTable;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;

import java.util.Optional;

/** Decides what a request is answered: route, then key, then limits, then method, then document. One per event loop. */
final class Answers {
    static final CharSequence X_API_KEY = HttpHeaders.createOptimized("x-api-key");

    private final RouteTable routes;
    private final KeyGate gate;

    Answers(RouteTable routes, KeyGate gate) {
        this.routes = routes;
        this.gate = gate;
    }

    Answer to(HttpServerRequest request) {
        MultiMap headers = request.headers();
        // The key is looked up before the route, so that a record says whose request an unrouted one was.
        Admission admission = gate.admit(headers.get(HttpHeaders.AUTHORIZATION), headers.get(X_API_KEY));
        String path = request.path();
        Optional<Route> route = routes.find(path);
        if (request.version() == null) {
            return Answer.problem(admission, route, Problems.VERSION).insteadClosing(Problems.VERSION);
        }
        if (route.isEmpty()) {
            return Answer.problem(admission, route, Problems.NO_ROUTE);
        }
        if (admission.decision() == Decision.UNAUTHORIZED) {
            return Answer.problem(admission, route, Problems.UNAUTHORIZED);
        }
        if (admission.decision() == Decision.REFUSED) {
            return Answer.problem(
                    admission, route, Problems.quotaExceeded(admission.flag().orElseThrow()));
        }
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            return Answer.problem(admission, route, Problems.METHOD);
        }
        Route found = route.get();
        return PercentCode.decode(found.path().parameter(path))
                .flatMap(found.dataset()::document)
                .map(document -> Answer.document(admission, found, document))
                .orElseGet(() -> Answer.problem(admission, route, Problems.NO_DOCUMENT));
    }

    /** The answer to what could not be read as a request; nothing of it is believed, its key neither. */
    static Answer toMalformed(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        Problem problem = cause instanceof TooLongHttpLineException
                ? Problems.URI_TOO_LONG
                : cause instanceof TooLongHttpHeaderException ? Problems.HEAD_TOO_LARGE : Problems.BAD_REQUEST;
        return Answer.problem(Admission.UNAUTHORIZED, Optional.empty(), problem).insteadClosing(problem);
    }
}
