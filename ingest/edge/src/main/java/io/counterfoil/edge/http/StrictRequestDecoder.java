package io.counterfoil.edge.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.impl.http1.VertxHttpRequestDecoder;

import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Refuses what two servers in a row may read differently (request smuggling), beyond what Netty refuses by itself (bare line
 * feeds, length and chunks together, two lengths): a folded field, one without a name, white space other than one blank between the parts of the
 * request line, a transfer coding that is not chunked alone, no or two hosts, and anything but empty lines before a request (RFC
 * 9112: 2.2, 3, 3.2, 5.2, 6.1). Such a request is malformed, and nothing behind it on the connection is read.
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder {
    private boolean inBody;
    private boolean seesRequestLine;
    private boolean pastRequestLine;
    private boolean refused;

    StrictRequestDecoder(Http1ServerConfig config) {
        super(config);
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf buffer, List<Object> out) throws Exception {
        if (refused) {
            buffer.skipBytes(buffer.readableBytes());
            return;
        }
        if (!inBody && !headLooksRight(buffer)) {
            refused = true;
            buffer.skipBytes(buffer.readableBytes());
            HttpMessage message = createInvalidMessage();
            message.setDecoderResult(DecoderResult.failure(new IllegalArgumentException("not a request")));
            out.add(message);
            return;
        }
        int before = buffer.readerIndex();
        int outBefore = out.size();
        super.decode(context, buffer, out);
        pastRequestLine |= seesRequestLine && buffer.readerIndex() > before;
        for (int i = outBefore; i < out.size(); i++) {
            decoded(out, i);
        }
    }

    private void decoded(List<Object> out, int at) {
        Object message = out.get(at);
        if (message instanceof HttpObject part && part.decoderResult().isFailure()) {
            // Netty has refused it; what comes behind it is not looked at either.
            refused = true;
            return;
        }
        if (message instanceof HttpMessage head && !(message instanceof LastHttpContent)) {
            inBody = true;
            if (!isUnmistakable(head)) {
                refused = true;
                head.setDecoderResult(DecoderResult.failure(new IllegalArgumentException("not an unmistakable head")));
                while (out.size() > at + 1) {
                    out.remove(out.size() - 1);
                }
            }
        }
        if (message instanceof LastHttpContent) {
            inBody = false;
            seesRequestLine = false;
            pastRequestLine = false;
        }
    }

    /** Looks at the lines of the head that have come, before they are taken apart. Allocates nothing. */
    private boolean headLooksRight(ByteBuf buffer) {
        int at = buffer.readerIndex();
        int end = buffer.writerIndex();
        boolean first = !pastRequestLine;
        while (at < end) {
            byte start = buffer.getByte(at);
            int newline = buffer.indexOf(at, end, (byte) '\n');
            boolean empty = start == '\r' && (at + 1 == end || newline == at + 1);
            if (first) {
                if (!empty && (isBlank(start) || !requestLineLooksRight(buffer, at, newline))) {
                    return false;
                }
                first = empty;
                // Empty lines alone are taken and leave the next one first.
                seesRequestLine |= !empty && newline >= 0;
            } else if (start == ' ' || start == '\t' || start == ':') {
                return false;
            } else if (empty) {
                return true;
            }
            if (newline < 0) {
                return true;
            }
            at = newline + 1;
        }
        return true;
    }

    private static boolean isBlank(byte b) {
        return b >= 0 && b <= ' ';
    }

    /** Three parts, one blank between each two; a line that has not come whole is looked at when it has. */
    private static boolean requestLineLooksRight(ByteBuf buffer, int from, int newline) {
        if (newline < 0) {
            return true;
        }
        int blanks = 0;
        // The line's end is Netty's to check.
        int to = newline > from && buffer.getByte(newline - 1) == '\r' ? newline - 1 : newline;
        for (int i = from; i < to; i++) {
            byte b = buffer.getByte(i);
            if (b == ' ') {
                blanks++;
                if (blanks > 2 || buffer.getByte(i - 1) == ' ' || i + 1 == to) {
                    return false;
                }
            } else if (isBlank(b) || b == 0x7f) {
                return false;
            }
        }
        return true;
    }

    private static boolean isUnmistakable(HttpMessage head) {
        HttpHeaders headers = head.headers();
        int hosts = 0;
        Iterator<Map.Entry<CharSequence, CharSequence>> fields = headers.iteratorCharSequence();
        while (fields.hasNext()) {
            if (HttpHeaderNames.HOST.contentEqualsIgnoreCase(fields.next().getKey())) {
                hosts++;
            }
        }
        boolean hostNeeded = head.protocolVersion().equals(HttpVersion.HTTP_1_1);
        if (hosts > 1 || (hostNeeded && hosts == 0)) {
            return false;
        }
        if (!headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
            return true;
        }
        List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        return codings.size() == 1 && codings.get(0).toLowerCase(Locale.ROOT).contentEquals(HttpHeaderValues.CHUNKED);
    }
}
