package io.counterfoil.edge.feed;

import io.counterfoil.edge.listener.ProblemAnswer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/**
 * One who asked, and what it can be answered. On the feed's event loop.
 *
 * @param giveUpNanos when it is answered at the latest, whatever comes between
 */
record FeedReader(HttpServerRequest request, FeedAsk ask, long giveUpNanos) {
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
        ProblemAnswer.send(request, 503, "Service Unavailable", detail);
    }

    void ofAnotherHistory(long newest) {
        ProblemAnswer.send(
                request,
                409,
                "Conflict",
                "What changed since " + ask.since() + " cannot be told, the newest version here is " + newest
                        + ": the database was restored, or is another one; ask for everything, without 'since'.");
    }
}
