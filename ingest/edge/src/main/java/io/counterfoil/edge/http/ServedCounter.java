package io.counterfoil.edge.http;

/**
 * Counts, on one connection, requests whose end is seen there, apart from the one who appends records: each answer's last bytes
 * that pass to the socket, whoever wrote them, and each request that is still unanswered when its connection or stream is gone.
 *
 * <p>A count and its record fall into one segment because both happen within one call on the event loop that also rolls.
 */
interface ServedCounter {
    /** A request has reached the edge; it is told if its client leaves before the answer's last bytes passed. */
    void begin(Exchange exchange);

    /**
     * The exchange is about to write its answer's last bytes. Has its record appended before they go to the socket: at once, or,
     * where the client's flow control may hold them back, when they pass.
     */
    void beforeLastBytes(Exchange exchange);
}
