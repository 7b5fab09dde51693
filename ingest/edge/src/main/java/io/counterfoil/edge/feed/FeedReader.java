package io.counterfoil.edge.feed;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/**
 * One who asked, and what it can be answered. On the feed's event loop.
 *
 * @param giveUpNanos when it is answered at the latest, whatever comes between
 */
record FeedReader(HttpServerRequest request, FeedAsk ask, long giveUpNanos) {
    private static final CharSequence PROBLEM = HttpHeaders.createOptimized("application/problem+json");

    boolean hasLeft() {
        return request.response().closed();
    }

    /** The head of what it asked for. */
    HttpServerResponse found(String tag) {
        return request.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .putHeader(HttpHeaders.CACHE_CONTROL, "private, no-cache")
                .putHeader(HttpHeaders.ETAG, tag);
    }

    void notModified(String tag) {
        request.response().setStatusCode(304).putHeader(HttpHeaders.ETAG, tag).end();
    }

    void unavailable(String detail) {
        request.response().putHeader(HttpHeaders.RETRY_AFTER, "1");
        problem(request, 503, "Service Unavailable", detail);
    }

    void ofAnotherHistory(long newest) {
        problem(
                request,
                409,
                "Conflict",
                "What changed since " + ask.since() + " cannot be told, the newest version here is " + newest
                        + ": the database was restored, or is another one; ask for everything, without 'since'.");
    }

    /** Answers by RFC 9457; does nothing where it has been answered or has left. */
    static void problem(HttpServerRequest request, int status, String title, String detail) {
        if (request.response().ended() || request.response().closed()) {
            return;
        }
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, PROBLEM)
                .end("{\"type\":\"about:blank\",\"title\":\"" + title + "\",\"status\":" + status + ",\"detail\":\""
                        + detail.replace("\"", "\\\"") + "\"}");
    }
}
