package io.counterfoil.edge.listener;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/** An answer by RFC 9457 of a listener that is not the one paid for. */
public final class ProblemAnswer {
    private static final CharSequence PROBLEM = HttpHeaders.createOptimized("application/problem+json");

    private ProblemAnswer() {}

    /** Does nothing where the request has been answered or its sender has left. */
    public static void send(HttpServerRequest request, int status, String title, String detail) {
        if (request.response().ended() || request.response().closed()) {
            return;
        }
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, PROBLEM)
                .end("{\"type\":\"about:blank\",\"title\":\"" + title + "\",\"status\":" + status + ",\"detail\":\""
                        + detail.replace("\\", "\\\\").replace("\"", "\\\"") + "\"}");
    }

    /** Asks for a token. */
    public static void unauthorized(HttpServerRequest request, String detail) {
        request.response().putHeader("WWW-Authenticate", "Bearer");
        send(request, 401, "Unauthorized", detail);
    }
}
