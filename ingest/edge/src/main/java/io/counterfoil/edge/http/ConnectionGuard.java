package io.counterfoil.edge.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * Knows how long a connection has been waiting for what: for the rest of a head, for anything at all, for its client to read.
 * Times are the event loop's coarse clock, so that a request costs no look at the real one.
 */
final class ConnectionGuard extends ChannelDuplexHandler {
    /** What a body must bring at least, on average, once it has had the idle time-out to begin. */
    private static final long MIN_BODY_BYTES_PER_SECOND = 256;

    private static final long SECOND_NANOS = 1_000_000_000L;

    private final CoarseClock clock;
    private ChannelHandlerContext context;
    private long lastBytes;
    private long headSince;
    private boolean inHead;
    private long bodySince;
    private long bodyBytes;
    private boolean inBody;
    private long pending;
    private int atOrigins;

    ConnectionGuard(CoarseClock clock) {
        this.clock = clock;
        lastBytes = clock.nanos();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    @Override
    public void channelRead(ChannelHandlerContext reading, Object message) throws Exception {
        lastBytes = clock.nanos();
        if (inBody && message instanceof ByteBuf bytes) {
            bodyBytes += bytes.readableBytes();
        } else if (!inHead) {
            inHead = true;
            headSince = lastBytes;
        }
        super.channelRead(reading, message);
    }

    /**
     * A head has come whole.
     *
     * @param body whether a body follows
     */
    void headComplete(boolean body) {
        inHead = false;
        inBody = body;
        bodySince = clock.nanos();
        bodyBytes = 0;
    }

    /** The edge itself does not want more of the body now; its client is not slow. */
    void bodyPaused() {
        inBody = false;
    }

    void bodyResumed() {
        headComplete(true);
    }

    void bodyComplete() {
        inBody = false;
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
        boolean slowHead = inHead && now - headSince > headNanos;
        boolean slowBody = inBody
                && now - bodySince > idleNanos
                && bodyBytes < MIN_BODY_BYTES_PER_SECOND * ((now - bodySince) / SECOND_NANOS);
        boolean clientsTurn = atOrigins == 0 || waiting > 0 || inBody;
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
