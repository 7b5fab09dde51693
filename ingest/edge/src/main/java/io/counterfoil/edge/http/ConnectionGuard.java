package io.counterfoil.edge.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * Knows how long a connection has been waiting for what: for the rest of a head, for a body, for anything at all, for its client to
 * read. Of HTTP/2, whose bytes belong to many requests at once, only the last two. Times are the event loop's coarse clock, so that
 * a request costs no look at the real one.
 */
final class ConnectionGuard extends ChannelDuplexHandler {
    /** What a body must bring at least, on average, once it has had the idle time-out to begin. */
    private static final long MIN_BODY_BYTES_PER_SECOND = 256;

    private static final long SECOND_NANOS = 1_000_000_000L;

    private enum Awaiting {
        /** A request, of which nothing has come. */
        REQUEST,
        /** The rest of a head. */
        HEAD,
        /** A body. */
        BODY,
        /** Nothing of its client: the edge's turn, or HTTP/2. */
        NOTHING
    }

    private final CoarseClock clock;
    private final boolean heads;
    private ChannelHandlerContext context;
    private Awaiting awaiting;
    private long since;
    private long lastBytes;
    private long bodyBytes;
    private long pending;
    private int atOrigins;

    /** @param heads whether the connection is of HTTP/1.1 */
    ConnectionGuard(CoarseClock clock, boolean heads) {
        this.clock = clock;
        this.heads = heads;
        awaiting = heads ? Awaiting.REQUEST : Awaiting.NOTHING;
        lastBytes = clock.nanos();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    @Override
    public void channelRead(ChannelHandlerContext reading, Object message) throws Exception {
        lastBytes = clock.nanos();
        if (awaiting == Awaiting.BODY && message instanceof ByteBuf bytes) {
            bodyBytes += bytes.readableBytes();
        } else if (awaiting == Awaiting.REQUEST) {
            awaiting = Awaiting.HEAD;
            since = lastBytes;
        }
        super.channelRead(reading, message);
    }

    /**
     * A head has come whole.
     *
     * @param body whether a body follows
     */
    void headComplete(boolean body) {
        if (heads) {
            awaiting = body ? Awaiting.BODY : Awaiting.NOTHING;
            since = clock.nanos();
            bodyBytes = 0;
        }
    }

    /** The edge itself does not want more of the body now, or has it all; its client is not slow. */
    void bodyPaused() {
        awaiting = Awaiting.NOTHING;
    }

    void bodyResumed() {
        headComplete(true);
    }

    /** A request was answered and read to its end; another may come. */
    void awaitRequest() {
        if (heads) {
            awaiting = Awaiting.REQUEST;
            lastBytes = clock.nanos();
        }
    }

    /** Closes the connection if its client has been waited for too long; true if it did. */
    @SuppressWarnings("FutureReturnValueIgnored") // One that is gone already is as good as closed.
    boolean reapIfSlow(long headNanos, long idleNanos) {
        long now = clock.nanos();
        ChannelOutboundBuffer out = context.channel().unsafe().outboundBuffer();
        long waiting = out == null ? 0 : out.totalPendingWriteBytes();
        if (waiting != pending) {
            // It reads, if slowly.
            pending = waiting;
            lastBytes = now;
        }
        boolean slowHead = awaiting == Awaiting.HEAD && now - since > headNanos;
        boolean slowBody = awaiting == Awaiting.BODY
                && now - since > idleNanos
                && bodyBytes < MIN_BODY_BYTES_PER_SECOND * ((now - since) / SECOND_NANOS);
        boolean clientsTurn = atOrigins == 0 || waiting > 0 || awaiting == Awaiting.BODY;
        if (slowHead || slowBody || (clientsTurn && now - lastBytes > idleNanos)) {
            context.close();
            return true;
        }
        return false;
    }

    /** A request waits for its origin, which has time-outs of its own: its client may be silent meanwhile. */
    void toOrigin() {
        atOrigins++;
    }

    void fromOrigin() {
        atOrigins--;
        lastBytes = clock.nanos();
    }
}
