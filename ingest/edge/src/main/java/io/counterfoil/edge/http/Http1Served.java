package io.counterfoil.edge.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.impl.http1.Http1ServerConnection;
import io.vertx.core.net.impl.ShutdownEvent;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * {@link ServedCounter} of an HTTP/1.1 connection. It stands between Vert.x and the HTTP codec, sees every answer's last content
 * whoever made it, and allocates nothing. Vert.x runs in strict thread mode, in which {@code end} writes through at once instead of
 * queueing.
 *
 * <p>It lets one request at a time through, and none while answers wait for a client that does not read: what a client pipelines
 * waits here, and the socket is not read meanwhile. So Vert.x never has a second request to hold back, and whether to read is
 * decided in one place.
 */
final class Http1Served extends ChannelDuplexHandler implements ServedCounter {
    private final RequestLog log;
    private final ConnectionGuard guard;
    private final Http1ServerConnection connection;
    private final Runnable closed;
    private final Queue<Object> waiting = new ArrayDeque<>();
    /** The request whose answer is next. Null between requests. */
    private Exchange current;

    private boolean requestOpen;
    private boolean answerOpen;

    /** @param closed called once, when the connection is gone and its requests are counted */
    Http1Served(RequestLog log, ConnectionGuard guard, Http1ServerConnection connection, Runnable closed) {
        this.log = log;
        this.guard = guard;
        this.connection = connection;
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
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (waiting.isEmpty() && mayPass(context, message)) {
            pass(context, message);
        } else {
            waiting.add(message);
            context.channel().config().setAutoRead(false);
        }
    }

    private boolean mayPass(ChannelHandlerContext context, Object message) {
        boolean begins = message instanceof HttpRequest;
        return !begins || (!requestOpen && !answerOpen && context.channel().isWritable());
    }

    private void pass(ChannelHandlerContext context, Object message) throws Exception {
        if (message instanceof HttpRequest) {
            requestOpen = true;
            answerOpen = true;
        }
        if (message instanceof LastHttpContent) {
            requestOpen = false;
        }
        super.channelRead(context, message);
        if (message instanceof LastHttpContent) {
            passWaiting(context);
        }
    }

    /** In a turn of its own: Vert.x is in the midst of the answer that made way. */
    private void passWaiting(ChannelHandlerContext context) {
        if (!requestOpen && !answerOpen) {
            guard.awaitRequest();
        }
        if (!waiting.isEmpty()) {
            context.executor().execute(() -> passNow(context));
        }
    }

    private void passNow(ChannelHandlerContext context) {
        try {
            boolean any = false;
            while (!waiting.isEmpty() && mayPass(context, waiting.peek())) {
                any = true;
                pass(context, waiting.remove());
            }
            if (any) {
                context.fireChannelReadComplete();
                if (waiting.isEmpty()) {
                    context.channel().config().setAutoRead(true);
                }
            }
        } catch (Exception e) {
            context.fireExceptionCaught(e);
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
        boolean last = message instanceof LastHttpContent && !isInformational(message);
        if (last) {
            log.countServed();
            current = null;
            answerOpen = false;
        }
        super.write(context, message, promise);
        if (last) {
            passWaiting(context);
        }
    }

    private static boolean isInformational(Object message) {
        return message instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) throws Exception {
        super.channelWritabilityChanged(context);
        passWaiting(context);
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // The server waits for its connections by itself.
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof ShutdownEvent shutdown) {
            // Vert.x's own way with this event would drop an answer that is written but has not left yet.
            connection.shutdown(shutdown.timeout());
            return;
        }
        super.userEventTriggered(context, event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
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
