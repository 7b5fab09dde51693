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
    private final String[] dates = new String[SLOTS];
    private final MultiMap[] heads = new MultiMap[SLOTS];

    /** The answer's fields and the date, read-only: what else an answer needs goes another way. */
    MultiMap of(Reply reply, String date) {
        int slot = reply.number() & (SLOTS - 1);
        if (replies[slot] != reply || !date.equals(dates[slot])) {
            MultiMap head = HttpHeaders.headers();
            reply.copyTo(head);
            replies[slot] = reply;
            dates[slot] = date;
            heads[slot] = head.add(HttpHeaders.DATE, date).copy(false);
        }
        return heads[slot];
    }
}
