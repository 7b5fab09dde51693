package io.counterfoil.edge.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2Stream;

/**
 * {@link ServedCounter} of an HTTP/2 connection. It stands between the HTTP/2 codec and the socket (or TLS) and reads the headers
 * of the frames that pass (RFC 9113, 4.1): a frame with END_STREAM ends an answer, however long flow control held it back.
 *
 * <pre>
 * length 3 bytes | type 1 | flags 1 | stream 4 | payload
 * </pre>
 */
final class Http2Served extends ChannelDuplexHandler implements ServedCounter {
    private static final int HEADER_BYTES = 9;

    private final RequestLog log;
    private final Runnable closed;
    private final Http2Connection connection;
    private final Http2Connection.PropertyKey exchanges;
    private long header;
    private int headerBytes;
    private int type;
    private int flags;
    private int streamId;
    private int payload;

    /** @param closed called once, when the connection is gone and its requests are counted */
    Http2Served(RequestLog log, Http2Connection connection, Runnable closed) {
        this.log = log;
        this.closed = closed;
        this.connection = connection;
        exchanges = connection.newKey();
        connection.addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                left(stream);
            }
        });
    }

    @Override
    public void begin(Exchange exchange) {
        connection.stream(exchange.streamId()).setProperty(exchanges, exchange);
    }

    @Override
    public void beforeLastBytes(Exchange exchange) {
        // Its frame appends it.
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
        if (message instanceof ByteBuf bytes) {
            scan(bytes);
        }
        super.write(context, message, promise);
    }

    private void scan(ByteBuf bytes) {
        int at = bytes.readerIndex();
        int end = bytes.writerIndex();
        while (at < end) {
            if (payload > 0) {
                int passed = Math.min(payload, end - at);
                payload -= passed;
                at += passed;
                continue;
            }
            next(bytes.getUnsignedByte(at++));
        }
    }

    /** Takes one byte of a frame's header. */
    private void next(int value) {
        int index = headerBytes++;
        if (index < 3) {
            header = header << 8 | value;
        } else if (index == 3) {
            type = value;
        } else if (index == 4) {
            flags = value;
        } else {
            streamId = streamId << 8 | value;
        }
        if (headerBytes < HEADER_BYTES) {
            return;
        }
        boolean carriesEnd = type == Http2FrameTypes.DATA || type == Http2FrameTypes.HEADERS;
        if (carriesEnd && (flags & Http2Flags.END_STREAM) != 0) {
            ended(streamId & Integer.MAX_VALUE);
        }
        payload = (int) header;
        header = 0;
        headerBytes = 0;
        streamId = 0;
    }

    private void ended(int id) {
        Http2Stream stream = connection.stream(id);
        Exchange exchange = stream == null ? null : stream.removeProperty(exchanges);
        if (exchange != null) {
            exchange.append();
            log.countServed();
        }
    }

    /** Reset by either side, or the connection's end: what was not answered to its end by now never will be. */
    private void left(Http2Stream stream) {
        Exchange exchange = stream.removeProperty(exchanges);
        if (exchange != null) {
            log.countServed();
            exchange.clientLeft();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        super.channelInactive(context);
        // The codec has closed every stream by now.
        closed.run();
    }
}
