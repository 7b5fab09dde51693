package io.counterfoil.edge.http;

import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.edge.snapshot.Flag;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;

/** Header fields that the edge sends. */
final class Headers {
    static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
    static final CharSequence PROBLEM_JSON = HttpHeaders.createOptimized("application/problem+json");
    static final CharSequence X_API_KEY = HttpHeaders.createOptimized("x-api-key");
    static final CharSequence X_REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
    static final CharSequence X_FORWARDED_FOR = HttpHeaders.createOptimized("x-forwarded-for");

    private static final CharSequence WARNING = HttpHeaders.createOptimized("counterfoil-warning");
    private static final int MAX_REQUEST_ID_CHARACTERS = 64;
    /** Clients that all wait for one window's end must not all come back in one second. */
    private static final int RETRY_JITTER_SECONDS = 10;

    private Headers() {}

    /** Adds what a client needs to know of its limits: when to come back, or that it is warned. */
    static void explain(MultiMap headers, Decision decision, Flag flag, Instant now) {
        if (decision == Decision.REFUSED) {
            headers.add(HttpHeaders.RETRY_AFTER, Long.toString(retryAfterSeconds(flag, now)));
        } else if (decision == Decision.WARNED) {
            headers.add(WARNING, warning(flag));
        }
    }

    private static long retryAfterSeconds(Flag flag, Instant now) {
        Duration left = Duration.between(now, flag.resetsAt());
        // Rounded up, so that nobody comes back just too early.
        long seconds = Math.max(0, left.plusNanos(999_999_999).toSeconds());
        return seconds + ThreadLocalRandom.current().nextInt(RETRY_JITTER_SECONDS + 1);
    }

    /** The value of {@code Counterfoil-Warning}: a dictionary of RFC 9651. */
    private static String warning(Flag flag) {
        return "limit=\"" + flag.limit() + "\", used=" + flag.used() + ", quota=" + flag.quota() + ", as-of=@"
                + flag.asOf().getEpochSecond() + ", resets-at=@"
                + flag.resetsAt().getEpochSecond();
    }

    /**
     * The request's own id where it is sane, else empty.
     *
     * @param id null where the field is missing
     */
    static String requestId(String id) {
        if (id == null || id.isEmpty() || id.length() > MAX_REQUEST_ID_CHARACTERS) {
            return "";
        }
        for (int i = 0; i < id.length(); i++) {
            if (id.charAt(i) < 0x20 || id.charAt(i) > 0x7e) {
                return "";
            }
        }
        return id;
    }
}
