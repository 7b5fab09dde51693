package io.counterfoil.edge.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

/**
 * Header fields of the answers that are sent most, with the date of now, kept so that Vert.x renders them once a second instead of
 * once a request. One event loop's; bounded, whatever is asked for.
 */
final class RenderedHeads {
    private static final int SLOTS = 512;

    private final Reply[] replies = new Reply[SLOTS];
    private final String[] policies = new String[SLOTS];
    private final String[] dates = new String[SLOTS];
    private final MultiMap[] heads = new MultiMap[SLOTS];

    /**
     * The answer's fields, the limits' policy and the date, read-only: what else an answer needs goes another way.
     *
     * @param policy the value of {@code RateLimit-Policy}; empty: none. Compared by identity
     */
    @SuppressWarnings("ReferenceEquality")
    MultiMap of(Reply reply, String policy, String date) {
        int slot = (reply.number() + 31 * System.identityHashCode(policy)) & (SLOTS - 1);
        if (replies[slot] != reply || policies[slot] != policy || !date.equals(dates[slot])) {
            MultiMap head = HttpHeaders.headers();
            reply.copyTo(head);
            if (!policy.isEmpty()) {
                head.set(Headers.RATELIMIT_POLICY, policy);
            }
            replies[slot] = reply;
            policies[slot] = policy;
            dates[slot] = date;
            heads[slot] = head.add(HttpHeaders.DATE, date).copy(false);
        }
        return heads[slot];
    }
}
