package io.counterfoil.edge.http;

import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.edge.client.ClientAddress;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * One request from its head to its record. The record is appended exactly once, before the final bytes go to the socket: what a
 * client was answered is in the log, whenever the process dies.
 */
final class Exchange {
    private static final int CLIENT_LEFT = 499;
    /** RFC 9113, 7. */
    private static final int INTERNAL_ERROR = 2;

    private static final int MAX_LENGTH_DIGITS = 15;
    private static final Set<HttpMethod> BODILESS =
            Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.DELETE, HttpMethod.OPTIONS);

    final EdgeLoop loop;
    final ServedCounter served;
    final ConnectionGuard guard;
    final HttpServerRequest request;
    final Routing routing;
    final Verdict verdict;
    final String requestId;

    private final long startNanos;
    private ProxyCall call;
    private int status = CLIENT_LEFT;
    private long bytesIn;
    private long bytesOut;
    private long units;
    private boolean answering;
    private boolean closeAtEnd;
    private boolean appended;

    Exchange(
            EdgeLoop loop,
            EdgeConnection connection,
            HttpServerRequest request,
            Routing routing,
            Verdict verdict,
            long startNanos) {
        this.loop = loop;
        this.served = connection.served();
        this.guard = connection.guard();
        this.request = request;
        this.routing = routing;
        this.verdict = verdict;
        this.startNanos = startNanos;
        units = verdict.units();
        requestId = Headers.requestId(request.headers().get(Headers.X_REQUEST_ID));
    }

    /** Answers at once, or when the request's body has been read and thrown away, or through the origin. */
    void run() {
        served.begin(this);
        boolean body = hasBody();
        guard.headComplete(body);
        if (verdict.reply().isPresent()) {
            Reply reply = verdict.reply().get();
            afterBody(body && !reply.close(), () -> answer(reply));
        } else if (verdict.route().orElseThrow().target() instanceof RouteTarget.Usage usage) {
            afterBody(body, () -> ask(usage.replies()));
        } else {
            proxy(((RouteTarget.Proxied) verdict.route().get().target()).origin(), body);
        }
    }

    private void proxy(OriginPool origin, boolean body) {
        if (body && statedLength() > origin.config().maxBodyBytes()) {
            answer(Problems.TOO_LARGE);
            return;
        }
        call = new ProxyCall(this, origin, body);
        call.start();
    }

    private void ask(UsageReplies replies) {
        CompletableFuture<Reply> asked = replies.to(verdict.admission(), request.headers(), loop.now());
        CompletableFuture<Reply> unused = asked.whenComplete((reply, failure) -> loop.later(() -> {
            if (failure != null) {
                loop.tellDefect(failure);
            }
            answer(failure == null ? reply : Problems.FAILED);
        }));
    }

    /** Reads the request's body, where there is one, and throws it away. */
    private void afterBody(boolean body, Runnable then) {
        if (!body) {
            then.run();
        } else if (statedLength() > loop.limits().bodyBytes()) {
            answer(Problems.TOO_LARGE);
        } else {
            request.exceptionHandler(this::brokenBody);
            request.handler(this::dropped);
            request.endHandler(end -> {
                guard.bodyPaused();
                then.run();
            });
        }
    }

    private boolean hasBody() {
        String length = request.headers().get(HttpHeaders.CONTENT_LENGTH);
        if (length != null) {
            return !length.equals("0");
        }
        // Over HTTP/2 a body needs no announcement; where the method has no use for one, none is waited for.
        return request.version() == HttpVersion.HTTP_2
                ? !BODILESS.contains(request.method())
                : request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    }

    /** 0 where the request does not state one. */
    private long statedLength() {
        String length = request.headers().get(HttpHeaders.CONTENT_LENGTH);
        if (length == null) {
            return 0;
        }
        return length.length() > MAX_LENGTH_DIGITS ? Long.MAX_VALUE : Long.parseLong(length);
    }

    private void dropped(Buffer part) {
        if (received(part) > loop.limits().bodyBytes()) {
            answer(Problems.TOO_LARGE);
        }
    }

    /** Counts a part of the request's body; returns how much of it has come. */
    long received(Buffer part) {
        bytesIn += part.length();
        return bytesIn;
    }

    private void brokenBody(Throwable e) {
        if (isNoBody(e)) {
            answer(Problems.BAD_REQUEST);
        }
    }

    /** Whether what came as a body is none; a connection or stream that broke has told its counter by itself. */
    static boolean isNoBody(Throwable e) {
        return !(e instanceof IOException)
                && !(e instanceof HttpClosedException)
                && !(e instanceof StreamResetException);
    }

    /** Answers whole; does nothing where an answer has begun, or the client has left. */
    void answer(Reply reply) {
        if (answering || appended) {
            return;
        }
        HttpServerResponse response = begin(reply.status());
        MultiMap headers = response.headers();
        if (isPlain() && !reply.close() && !reply.isOnce()) {
            String policy = routing.limitFields().sent()
                    ? verdict.admission().standing().policy()
                    : "";
            headers.setAll(loop.heads().of(reply, policy, loop.date()));
        } else {
            reply.copyTo(headers);
            if (reply.close()) {
                guard.bodyPaused();
                if (request.version() != HttpVersion.HTTP_2) {
                    headers.set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
                }
            }
            addFields(headers);
        }
        boolean head = request.method().equals(HttpMethod.HEAD);
        closeAtEnd = reply.close();
        end(head ? Buffer.buffer() : reply.body());
    }

    /** Whether {@link #addFields} would add nothing but the date and the limits' policy. */
    private boolean isPlain() {
        return requestId.isEmpty()
                && routing.cors().isEmpty()
                && verdict.admission().standing().used().isEmpty()
                && request.version() == HttpVersion.HTTP_1_1;
    }

    /** Ends the connection, or over HTTP/2 what is left of the stream. */
    private void close() {
        if (request.version() == HttpVersion.HTTP_2) {
            if (!request.isEnded()) {
                request.response().reset(0);
            }
        } else {
            request.connection().close();
        }
    }

    /** From here on the answer's status is what the record says. */
    HttpServerResponse begin(int newStatus) {
        answering = true;
        status = newStatus;
        HttpServerResponse response = request.response();
        response.setStatusCode(newStatus);
        return response;
    }

    /** The fields that every answer has, wherever it comes from. */
    void addFields(MultiMap headers) {
        if (!headers.contains(HttpHeaders.DATE)) {
            headers.add(HttpHeaders.DATE, loop.date());
        }
        if (!requestId.isEmpty()) {
            headers.set(Headers.X_REQUEST_ID, requestId);
        }
        addLimits(headers);
        if (routing.cors().isPresent()) {
            routing.cors().get().allow(request.headers(), headers);
        }
    }

    private void addLimits(MultiMap headers) {
        Headers.limits(headers, verdict.decision(), verdict.admission().standing(), loop.now(), routing.limitFields());
    }

    /** Writes the answer's last bytes; their record goes before them. */
    void end(Buffer last) {
        bytesOut += last.length();
        served.beforeLastBytes(this);
        request.response().end(last);
        if (closeAtEnd) {
            close();
        }
    }

    void closeAtEnd() {
        closeAtEnd = true;
    }

    /** Hands over a part of the answer's body that is not its last. */
    void write(Buffer part) {
        bytesOut += part.length();
        request.response().write(part);
    }

    void setUnits(long reported) {
        units = reported;
    }

    /**
     * The answer cannot be finished: the client must not take what it has for a whole one. The record follows when the connection, or
     * the stream, is seen to end, together with its count.
     */
    void breakOff() {
        if (request.version() == HttpVersion.HTTP_2) {
            request.response().reset(INTERNAL_ERROR);
        } else {
            request.connection().close();
        }
    }

    /** Its connection or stream is gone; the counter has counted it. */
    void clientLeft() {
        if (!appended) {
            append();
            if (call != null) {
                call.cancel();
            }
        }
    }

    int streamId() {
        return (int) request.streamId();
    }

    /** Appends the record, once. Where the log cannot take it the request is served all the same, and counted as unlogged. */
    void append() {
        if (appended) {
            return;
        }
        appended = true;
        // Not readable as a request: Netty puts a request of its own making in its place.
        boolean unread = request.decoderResult().isFailure() && request.uri().equals("/bad-request");
        long micros = (loop.nanos() - startNanos) / 1000;
        loop.append(new RequestFacts(
                verdict.admission().keyId(),
                verdict.routeName(),
                unread ? "-" : request.method().name(),
                status,
                bytesIn,
                bytesOut,
                Math.max(0, micros),
                units,
                verdict.decision(),
                requestId,
                routing.logClient() ? ClientAddress.network(client()) : "",
                unread ? "-" : Judge.path(request)));
    }

    /** The client's address, as far as it is known. */
    private String client() {
        String forwarded = String.join(",", request.headers().getAll(Headers.X_FORWARDED_FOR));
        return routing.clients().of(peer(), forwarded);
    }

    /** What an origin is told of how the request came. */
    ForwardedFields.Via via() {
        return new ForwardedFields.Via(
                peer(),
                routing.clients().isTrusted(peer()),
                request.isSSL() ? "https" : "http",
                request.authority() == null ? "" : request.authority().toString());
    }

    private String peer() {
        return request.connection().remoteAddress().hostAddress();
    }
}
