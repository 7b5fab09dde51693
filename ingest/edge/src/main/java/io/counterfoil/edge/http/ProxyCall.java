package io.counterfoil.edge.http;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;

import java.util.Set;
import java.util.concurrent.TimeoutException;

/**
 * One request passed on to its origin and the answer passed back, both as they come: whoever reads slower slows the other down.
 * What completes the answer's body is held until the record is in the log.
 */
final class ProxyCall {
    private static final Set<HttpMethod> IDEMPOTENT = Set.of(
            HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS, HttpMethod.PUT, HttpMethod.DELETE, HttpMethod.TRACE);

    private enum Phase {
        CONNECT,
        REQUEST,
        RESPONSE,
        BODY,
        OVER
    }

    private final Exchange exchange;
    private final HttpServerRequest client;
    private final OriginPool origin;
    private final boolean hasBody;
    private Phase phase = Phase.CONNECT;
    private long deadline;
    private HttpClientRequest upstream;
    private boolean bodyBegun;
    private boolean retried;
    private boolean bodyEnded;
    /** Bytes of the answer's body that are still to come, where the origin states its length; else below 0. */
    private long rest = -1;

    private Buffer held = Buffer.buffer();

    ProxyCall(Exchange exchange, OriginPool origin, boolean hasBody) {
        this.exchange = exchange;
        this.client = exchange.request;
        this.origin = origin;
        this.hasBody = hasBody;
    }

    void start() {
        exchange.guard.toOrigin();
        exchange.loop.calls().add(this);
        if (hasBody) {
            // It waits in the client's connection until the origin's takes it.
            client.pause();
            exchange.guard.bodyPaused();
            client.exceptionHandler(this::brokenBody);
        }
        connect();
    }

    private void connect() {
        enter(Phase.CONNECT, origin.config().connectTimeout().toNanos());
        RequestOptions options = origin.request(client.uri()).setMethod(client.method());
        origin.client(exchange.loop.number()).request(options).onComplete(this::connected, this::notConnected);
    }

    private void connected(HttpClientRequest request) {
        if (phase != Phase.CONNECT) {
            // Too late; its connection can serve others.
            request.reset();
            return;
        }
        upstream = request;
        enter(Phase.REQUEST, origin.config().idleTimeout().toNanos());
        ForwardedFields.Via via = new ForwardedFields.Via(
                exchange.peer(),
                exchange.routing.clients().isTrusted(exchange.peer()),
                client.isSSL() ? "https" : "http",
                client.authority() == null ? "" : client.authority().toString());
        MultiMap fields = request.headers();
        ForwardedFields.toOrigin(client.headers(), fields, via, origin.config().passKey());
        fields.set(HttpHeaders.HOST, origin.authority());
        ForwardedFields.addCaller(
                fields,
                exchange.verdict.admission().accountId(),
                exchange.verdict.admission().keyId());
        request.exceptionHandler(e -> {
            // Told to the response's future as well.
        });
        request.response().onComplete(this::answered, e -> failed(Problems.BAD_GATEWAY));
        if (!hasBody) {
            request.end().onComplete(sent -> awaitAnswer(), this::notSent);
            return;
        }
        if (!fields.contains(HttpHeaders.CONTENT_LENGTH)) {
            request.setChunked(true);
        }
        request.writeHead().onComplete(sent -> passBody(), this::notSent);
    }

    private void notConnected(Throwable e) {
        if (phase != Phase.CONNECT) {
            return;
        }
        if (e instanceof ConnectionPoolTooBusyException) {
            failed(Problems.BUSY);
        } else if (isTimeout(e)) {
            failed(Problems.GATEWAY_TIMEOUT);
        } else {
            notSent(e);
        }
    }

    private static boolean isTimeout(Throwable e) {
        return e instanceof TimeoutException || e instanceof io.netty.channel.ConnectTimeoutException;
    }

    /** Nothing of the request reached the origin: where it may be repeated at all, it is, once. */
    private void notSent(Throwable e) {
        boolean may = phase == Phase.CONNECT || phase == Phase.REQUEST;
        if (may && !retried && !bodyBegun && IDEMPOTENT.contains(client.method())) {
            retried = true;
            connect();
        } else {
            failed(Problems.BAD_GATEWAY);
        }
    }

    private void passBody() {
        if (phase != Phase.REQUEST) {
            return;
        }
        bodyBegun = true;
        HttpClientRequest request = upstream;
        request.drainHandler(drained -> resumeBody());
        client.handler(part -> passBody(request, part));
        client.endHandler(end -> {
            bodyEnded = true;
            exchange.guard.bodyComplete();
            if (phase == Phase.REQUEST) {
                request.end();
                awaitAnswer();
            }
        });
        resumeBody();
    }

    private void passBody(HttpClientRequest request, Buffer part) {
        long received = exchange.received(part);
        if (phase == Phase.OVER || phase == Phase.BODY) {
            // The origin has answered without waiting for the rest.
            return;
        }
        if (received > origin.config().maxBodyBytes()) {
            failed(Problems.TOO_LARGE);
            return;
        }
        enter(Phase.REQUEST, origin.config().idleTimeout().toNanos());
        request.write(part);
        if (request.writeQueueFull()) {
            client.pause();
            exchange.guard.bodyPaused();
        }
    }

    private void resumeBody() {
        if (!bodyEnded) {
            exchange.guard.bodyResumed();
        }
        client.resume();
    }

    private void brokenBody(Throwable e) {
        if (phase != Phase.OVER && !exchange.isOver() && !(e instanceof java.io.IOException)) {
            failed(Problems.BAD_REQUEST);
        }
    }

    private void awaitAnswer() {
        if (phase == Phase.REQUEST) {
            enter(Phase.RESPONSE, origin.config().responseTimeout().toNanos());
        }
    }

    private void answered(HttpClientResponse answer) {
        if (phase == Phase.OVER || phase == Phase.BODY) {
            return;
        }
        enter(Phase.BODY, origin.config().idleTimeout().toNanos());
        HttpServerResponse response = exchange.begin(answer.statusCode());
        MultiMap fields = response.headers();
        ForwardedFields.toClient(answer.headers(), fields);
        exchange.addFields(fields);
        exchange.setUnits(ForwardedFields.units(answer.headers(), exchange.verdict.units()));
        boolean none =
                client.method().equals(HttpMethod.HEAD) || answer.statusCode() == 204 || answer.statusCode() == 304;
        String length = fields.get(HttpHeaders.CONTENT_LENGTH);
        if (!none && length != null && length.matches("\\d{1,18}")) {
            rest = Long.parseLong(length);
        } else if (!none && client.version() == HttpVersion.HTTP_1_1) {
            response.setChunked(true);
        }
        if (client.version() == HttpVersion.HTTP_1_0 && length == null && !none) {
            // Only the connection's end tells such a client that it has it all.
            exchange.closeAtEnd();
        }
        if (!bodyEnded && hasBody) {
            // What the origin did not wait for is read and dropped; the connection is of no more use.
            client.resume();
        }
        response.drainHandler(drained -> answer.resume());
        answer.exceptionHandler(e -> brokenOff());
        answer.handler(part -> passAnswer(answer, response, part));
        answer.endHandler(end -> finished());
    }

    private void passAnswer(HttpClientResponse answer, HttpServerResponse response, Buffer part) {
        if (phase != Phase.BODY) {
            return;
        }
        enter(Phase.BODY, origin.config().idleTimeout().toNanos());
        if (rest >= 0) {
            rest -= part.length();
            if (rest <= 0) {
                // With these the client has it all: they wait for the record.
                held = part;
                return;
            }
        }
        exchange.write(part);
        if (response.writeQueueFull()) {
            answer.pause();
        }
    }

    private void finished() {
        if (phase == Phase.BODY) {
            over();
            exchange.end(held);
        }
    }

    private void brokenOff() {
        if (phase == Phase.BODY) {
            over();
            exchange.breakOff();
        }
    }

    /** The origin gave no answer that can be passed on. */
    private void failed(Reply reply) {
        if (phase == Phase.OVER) {
            return;
        }
        if (phase == Phase.BODY) {
            brokenOff();
            return;
        }
        over();
        if (upstream != null) {
            upstream.reset();
        }
        boolean unread = hasBody && !bodyEnded;
        exchange.answer(unread ? reply.closing() : reply);
    }

    /** The client has left. */
    void cancel() {
        if (phase != Phase.OVER) {
            over();
            if (upstream != null) {
                upstream.reset();
            }
        }
    }

    private void over() {
        phase = Phase.OVER;
        exchange.loop.calls().remove(this);
        exchange.guard.fromOrigin();
        exchange.guard.bodyComplete();
    }

    private void enter(Phase next, long nanos) {
        phase = next;
        deadline = exchange.loop.coarseNanos() + nanos;
    }

    /** Gives up what has taken too long; called a few times a second. A client that does not read is not the origin's fault. */
    void giveUpIfLate(long now) {
        if (now - deadline < 0 || (phase == Phase.BODY && client.response().writeQueueFull())) {
            return;
        }
        failed(Problems.GATEWAY_TIMEOUT);
    }
}
