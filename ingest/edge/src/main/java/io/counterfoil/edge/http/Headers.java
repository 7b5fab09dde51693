package io.counterfoil.edge.http;

import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.edge.snapshot.Flag;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;

/** Header fields that the edge sends. */
final class Headers {
    static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
    static final CharSequence PROBLEM_JSON = HttpHeaders.createOptimized("application/problem+json");

    private static final CharSequence WARNING = HttpHeaders.createOptimized("counterfoil-warning");
    private static final CharSequence WWW_AUTHENTICATE = HttpHeaders.createOptimized("www-authenticate");
    private static final CharSequence BEARER = HttpHeaders.createOptimized("Bearer");
    private static final CharSequence GET_HEAD = HttpHeaders.createOptimized("GET, HEAD");
    private static final int UNAUTHORIZED = 401;
    private static final int NOT_ALLOWED = 405;
    /** Clients that all wait for one window's end must not all come back in one second. */
    private static final int RETRY_JITTER_SECONDS = 10;

    private Headers() {}

    /** Adds what a client needs to know beside the status: how to authenticate, what is allowed, when to come back. */
    static void explain(HttpServerResponse response, Answer answer, Instant now) {
        if (answer.status() == UNAUTHORIZED) {
            response.putHeader(WWW_AUTHENTICATE, BEARER);
        }
        if (answer.status() == NOT_ALLOWED) {
            response.putHeader(HttpHeaders.ALLOW, GET_HEAD);
        }
        answer.admission().flag().ifPresent(flag -> {
            if (answer.decision() == Decision.REFUSED) {
                response.putHeader(HttpHeaders.RETRY_AFTER, Long.toString(retryAfterSeconds(flag, now)));
            } else if (answer.decision() == Decision.WARNED) {
                response.putHeader(WARNING, Problems.warning(flag));
            }
        });
    }

    private static long retryAfterSeconds(Flag flag, Instant now) {
        Duration left = Duration.between(now, flag.resetsAt());
        // Rounded up, so that nobody comes back just too early.
        long seconds = Math.max(0, left.plusNanos(999_999_999).toSeconds());
        return seconds + ThreadLocalRandom.current().nextInt(RETRY_JITTER_SECONDS + 1);
    }
}
