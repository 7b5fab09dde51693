package io.counterfoil.edge.http;

import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.edge.admission.Admission;
import io.counterfoil.edge.admission.KeyGate;
import io.counterfoil.edge.route.PercentCode;
import io.counterfoil.edge.route.Route;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

import java.util.Optional;

/** Decides what a request is answered: route, then key, limits, scope, method, target. One per event loop. */
final class Judge {
    private final KeyGate gate;

    Judge(KeyGate gate) {
        this.gate = gate;
    }

    Verdict of(HttpServerRequest request, Routing routing) {
        MultiMap headers = request.headers();
        if (request.version() == null) {
            return Verdict.unrouted(Admission.UNAUTHORIZED, Problems.VERSION);
        }
        if (!hasUsualTarget(request.uri())) {
            return Verdict.unrouted(Admission.UNAUTHORIZED, Problems.BAD_REQUEST);
        }
        Optional<Route<RouteTarget>> found = routing.routes().find(path(request));
        if (routing.cors().isPresent() && found.isPresent() && Cors.isPreflight(request.method(), headers)) {
            Reply preflight =
                    routing.cors().get().preflight(headers, found.get().methods());
            return Verdict.of(Decision.ADMITTED, Admission.UNAUTHORIZED, found.get(), preflight);
        }
        // The key is looked up also where no route matches, so that a record says whose request it was.
        String authorization = headers.get(HttpHeaders.AUTHORIZATION);
        boolean usage = found.isPresent() && found.get().target() instanceof RouteTarget.Usage;
        Admission admission = gate.admit(
                usage ? BasicCredentials.asBearer(authorization) : authorization, headers.get(Headers.X_API_KEY));
        return found.isPresent()
                ? admitted(request, admission, found.get())
                : Verdict.unrouted(admission, Problems.NO_ROUTE);
    }

    private static Verdict admitted(HttpServerRequest request, Admission admission, Route<RouteTarget> route) {
        if (route.target() instanceof RouteTarget.Usage) {
            return ofUsage(request, admission, route);
        }
        if (admission.decision() == Decision.UNAUTHORIZED) {
            return Verdict.of(admission, route, Problems.UNAUTHORIZED);
        }
        if (admission.decision() == Decision.REFUSED) {
            return Verdict.of(
                    admission,
                    route,
                    Problems.quotaExceeded(admission.standing().over().orElseThrow()));
        }
        if (route.scope().isPresent() && !admission.allows(route.scope().get())) {
            return Verdict.of(
                    Decision.UNAUTHORIZED,
                    admission,
                    route,
                    Problems.forbidden(route.scope().get()));
        }
        if (!route.allows(request.method().name())) {
            return Verdict.of(admission, route, Problems.method(route.methods()));
        }
        if (route.target() instanceof RouteTarget.Documents documents) {
            Reply reply = PercentCode.decode(route.path().parameter(path(request)))
                    .flatMap(documents.dataset()::document)
                    .map(document -> document.to(request.headers()))
                    .orElse(Problems.NO_DOCUMENT);
            return Verdict.of(admission, route, reply);
        }
        return Verdict.proxied(admission, route);
    }

    /** Who is over a limit may still ask what was used; a browser asks its user for the key. */
    private static Verdict ofUsage(HttpServerRequest request, Admission admission, Route<RouteTarget> route) {
        if (admission.decision() == Decision.UNAUTHORIZED) {
            return Verdict.of(
                    admission,
                    route,
                    UsageReplies.wantsPage(request.headers()) ? Problems.UNAUTHORIZED_PAGE : Problems.UNAUTHORIZED);
        }
        if (!route.allows(request.method().name())) {
            return Verdict.of(Decision.ADMITTED, admission, route, Problems.method(route.methods()));
        }
        return Verdict.asked(admission, route);
    }

    /** A path, a whole URL, or the star: what else a target may look like two servers may read differently (RFC 9112, 3.2). */
    private static boolean hasUsualTarget(String target) {
        return target.startsWith("/")
                || target.equals("*")
                || target.regionMatches(true, 0, "http://", 0, 7)
                || target.regionMatches(true, 0, "https://", 0, 8);
    }

    /** Empty where the target is none that has a path, as the star of OPTIONS. */
    static String path(HttpServerRequest request) {
        String path = request.path();
        return path == null ? "" : path;
    }

    /** The answer to what could not be read as a request; nothing of it is believed, its key neither. */
    static Verdict ofMalformed(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        Reply reply = cause instanceof TooLongHttpLineException
                ? Problems.URI_TOO_LONG
                : cause instanceof TooLongHttpHeaderException ? Problems.HEAD_TOO_LARGE : Problems.BAD_REQUEST;
        return Verdict.unrouted(Admission.UNAUTHORIZED, reply);
    }
}
