package io.counterfoil.edge.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;

/**
 * {@link ServedCounter} of an HTTP/1.1 connection. It stands between Vert.x and the HTTP encoder, sees every answer's last content
 * whoever made it, and allocates nothing. Vert.x runs in strict thread mode, in which {@code end} writes through at once instead
 * of queueing; in that mode nothing else slows a client that pipelines and never reads, so reading stops here while its answers
 * wait.
 */
final class Http1Served extends ChannelDuplexHandler implements ServedCounter {
    private final RequestLog log;
    private final Runnable closed;
    /** The request whose answer is next; HTTP/1.1 has one at a time. Null between requests. */
    private Exchange current;

    /** @param closed called once, when the connection is gone and its requests are counted */
    Http1Served(RequestLog log, Runnable closed) {
        this.log = log;
        this.closed = closed;
    }

    @Override
    public void begin(Exchange exchange) {
        current = exchange;
    }

    @Override
    public void beforeLastBytes(Exchange exchange) {
        exchange.append();
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
        if (message instanceof LastHttpContent && !isInformational(message)) {
            log.countServed();
            current = null;
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
        Exchange left = current;
        current = null;
        if (left != null) {
            log.countServed();
            left.clientLeft();
        }
        super.channelInactive(context);
        closed.run();
    }
}
