package io.counterfoil.edge.http;

import io.counterfoil.edge.config.RoutingConfig;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The CORS protocol (Fetch standard, 3.2): which web pages may call the API from a browser. Immutable. */
final class Cors {
    private static final CharSequence REQUEST_METHOD = HttpHeaders.createOptimized("access-control-request-method");
    private static final CharSequence ALLOW_ORIGIN = HttpHeaders.createOptimized("access-control-allow-origin");
    private static final CharSequence ALLOW_METHODS = HttpHeaders.createOptimized("access-control-allow-methods");
    private static final CharSequence ALLOW_HEADERS = HttpHeaders.createOptimized("access-control-allow-headers");
    private static final CharSequence EXPOSE_HEADERS = HttpHeaders.createOptimized("access-control-expose-headers");
    private static final CharSequence MAX_AGE = HttpHeaders.createOptimized("access-control-max-age");
    /** A page cannot use the API without these. */
    private static final List<String> ALWAYS = List.of("authorization", "x-api-key", "x-request-id", "content-type");

    private final boolean all;
    private final Set<String> origins;
    private final String allowHeaders;
    private final String exposeHeaders;
    private final String maxAgeSeconds;

    Cors(RoutingConfig.Cors config) {
        all = config.origins().contains("*");
        origins = new HashSet<>();
        config.origins().forEach(origin -> origins.add(origin.toLowerCase(Locale.ROOT)));
        List<String> headers = new java.util.ArrayList<>(ALWAYS);
        config.headers().stream().map(name -> name.toLowerCase(Locale.ROOT)).forEach(headers::add);
        allowHeaders = String.join(", ", new java.util.LinkedHashSet<>(headers));
        List<String> expose = new java.util.ArrayList<>(Headers.LIMIT_FIELDS);
        expose.addAll(config.expose());
        exposeHeaders = String.join(", ", expose);
        maxAgeSeconds = Long.toString(config.maxAge().toSeconds());
    }

    static boolean isPreflight(HttpMethod method, MultiMap headers) {
        return method.equals(HttpMethod.OPTIONS)
                && headers.contains(HttpHeaders.ORIGIN)
                && headers.contains(REQUEST_METHOD);
    }

    /** The answer to a preflight; it needs no key. A page of an origin that is not allowed is told nothing. */
    Reply preflight(MultiMap request, List<String> methods) {
        if (!allows(request.get(HttpHeaders.ORIGIN))) {
            return Reply.empty(204);
        }
        return Reply.empty(
                204, ALLOW_METHODS, String.join(", ", methods), ALLOW_HEADERS, allowHeaders, MAX_AGE, maxAgeSeconds);
    }

    /** Adds to any answer what lets the asking page read it. */
    void allow(MultiMap request, MultiMap response) {
        String origin = request.get(HttpHeaders.ORIGIN);
        if (!all) {
            response.add(HttpHeaders.VARY, HttpHeaders.ORIGIN);
        }
        if (origin == null || !allows(origin)) {
            return;
        }
        response.set(ALLOW_ORIGIN, all ? "*" : origin);
        response.set(EXPOSE_HEADERS, exposeHeaders);
    }

    private boolean allows(String origin) {
        return all || origins.contains(origin.toLowerCase(Locale.ROOT));
    }
}
