package io.counterfoil.edge.http;

import io.counterfoil.accesslog.log.LogStream;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;

/**
 * Counts requests whose end is seen on the connection, apart from the one who appends records: each response's last content that
 * passes to the socket, and each request that is still unanswered when the connection is gone. It stands between Vert.x and the
 * HTTP encoder, sees every response whoever made it, and allocates nothing.
 *
 * <p>A count and its record fall into one segment because both happen within one call on the event loop that also rolls: Vert.x
 * runs in strict thread mode, in which {@code end} writes through at once instead of queueing.
 *
 * <p>In that mode nothing else slows a client that pipelines and never reads, so reading stops here while its answers wait.
 */
final class ServedCounter extends ChannelDuplexHandler {
    private final LogStream stream;
    private final Runnable closed;
    private int inFlight;

    /** @param closed called once, when the connection is gone and its requests are counted */
    ServedCounter(LogStream stream, Runnable closed) {
        this.stream = stream;
        this.closed = closed;
    }

    /** A request has reached the edge. */
    void begin() {
        inFlight++;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
        if (message instanceof LastHttpContent && !isInformational(message)) {
            stream.countServed();
            if (inFlight > 0) {
                inFlight--;
            }
        }
        super.write(context, message, promise);
    }

    private static boolean isInformational(Object message) {
        return message instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) throws Exception {
        context.channel().config().setAutoRead(context.channel().isWritable());
        super.channelWritabilityChanged(context);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        for (; inFlight > 0; inFlight--) {
            stream.countServed();
        }
        super.channelInactive(context);
        closed.run();
    }
}
