package io.counterfoil.edge.http;

import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.edge.config.RoutingConfig;
import io.counterfoil.edge.snapshot.Flag;
import io.counterfoil.edge.snapshot.Standing;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Header fields that the edge sends. */
final class Headers {
    static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
    static final CharSequence PROBLEM_JSON = HttpHeaders.createOptimized("application/problem+json");
    static final CharSequence X_API_KEY = HttpHeaders.createOptimized("x-api-key");
    static final CharSequence X_REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
    static final CharSequence X_FORWARDED_FOR = HttpHeaders.createOptimized("x-forwarded-for");

    static final CharSequence RATELIMIT_POLICY = HttpHeaders.createOptimized("ratelimit-policy");
    private static final CharSequence RATELIMIT = HttpHeaders.createOptimized("ratelimit");
    private static final CharSequence WARNING = HttpHeaders.createOptimized("counterfoil-warning");
    private static final int MAX_REQUEST_ID_CHARACTERS = 64;
    /** Clients that all wait for one window's end must not all come back in one second. */
    private static final int RETRY_JITTER_SECONDS = 10;

    private Headers() {}

    /** The fields that {@link #limits} may add; pages of other origins may read them. */
    static final List<String> LIMIT_FIELDS =
            List.of("RateLimit-Policy", "RateLimit", "Counterfoil-Warning", "Retry-After");

    /**
     * Adds what a client needs to know of its limits: which there are, what is left where much is used, when to come back where it is
     * refused, and that it is warned.
     *
     * @param fields whether those of draft-ietf-httpapi-ratelimit-headers-10 are among it
     */
    static void limits(
            MultiMap headers, Decision decision, Standing standing, Instant now, RoutingConfig.LimitFields fields) {
        if (fields.sent() && !standing.quotas().isEmpty()) {
            headers.set(RATELIMIT_POLICY, standing.policy());
            String left = left(standing, now, fields.fromPercent());
            if (left.isEmpty()) {
                // An origin's own would be read as what is left of ours.
                headers.remove(RATELIMIT);
            } else {
                headers.set(RATELIMIT, left);
            }
        }
        if (decision == Decision.REFUSED) {
            headers.set(
                    HttpHeaders.RETRY_AFTER,
                    Long.toString(seconds(standing.over().orElseThrow().flag(), now)
                            + ThreadLocalRandom.current().nextInt(RETRY_JITTER_SECONDS + 1)));
        } else if (decision == Decision.WARNED) {
            headers.set(WARNING, warning(standing.over().orElseThrow()));
        }
    }

    private static String left(Standing standing, Instant now, int fromPercent) {
        StringBuilder text = new StringBuilder();
        for (Standing.Used used : standing.used()) {
            if (used.limit().isTold() && used.isFrom(fromPercent)) {
                Flag flag = used.flag();
                text.append(text.isEmpty() ? "\"" : ", \"")
                        .append(used.limit().name())
                        .append("\";r=")
                        .append(Standing.integer(Math.max(0, flag.quota() - flag.used())))
                        .append(";t=")
                        .append(seconds(flag, now))
                        .append(";counterfoil-asof=")
                        .append(flag.asOf().getEpochSecond());
            }
        }
        return text.toString();
    }

    /** Until the flag's window ends, rounded up, so that nobody comes back just too early. */
    private static long seconds(Flag flag, Instant now) {
        Duration left = Duration.between(now, flag.resetsAt());
        return Math.max(0, left.plusNanos(999_999_999).toSeconds());
    }

    /** The value of {@code Counterfoil-Warning}: a dictionary of RFC 9651. */
    private static String warning(Standing.Used over) {
        Flag flag = over.flag();
        return "limit=\"" + over.text() + "\", used=" + Standing.integer(flag.used()) + ", quota="
                + Standing.integer(flag.quota())
                + ", as-of=@" + flag.asOf().getEpochSecond() + ", resets-at=@"
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
