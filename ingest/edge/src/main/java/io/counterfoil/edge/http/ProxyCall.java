package io.counterfoil.edge.http;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;

import java.util.Set;
import java.util.concurrent.TimeoutException;

/**
 * One request passed on to its origin and the answer passed back, both as they come: whoever reads slower slows the other down. This
 * is the way there; {@link ProxyAnswer} is the way back.
 */
final class ProxyCall {
    private static final Set<HttpMethod> IDEMPOTENT = Set.of(
            HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS, HttpMethod.PUT, HttpMethod.DELETE, HttpMethod.TRACE);

    private enum Phase {
        CONNECT,
        REQUEST,
        AWAIT_ANSWER,
        ANSWER,
        OVER
    }

    private final Exchange exchange;
    private final HttpServerRequest client;
    private final OriginPool origin;
    private final boolean hasBody;
    private Phase phase = Phase.CONNECT;
    private long deadline;
    /** Null until there is a connection for it. */
    private HttpClientRequest upstream;

    private boolean bodyBegun;
    private boolean bodyEnded;
    private boolean retried;

    ProxyCall(Exchange exchange, OriginPool origin, boolean hasBody) {
        this.exchange = exchange;
        this.client = exchange.request;
        this.origin = origin;
        this.hasBody = hasBody;
        bodyEnded = !hasBody;
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
        upstream = null;
        enter(Phase.CONNECT, origin.config().connectTimeout().toNanos());
        RequestOptions options = origin.request(target()).setMethod(client.method());
        origin.client(exchange.loop.number()).request(options).onComplete(this::connected, this::notConnected);
    }

    /** Path and query alone, whatever form the client's target had (RFC 9112, 3.2). */
    private String target() {
        String query = client.query();
        return query == null ? client.path() : client.path() + "?" + query;
    }

    private void connected(HttpClientRequest request) {
        request.exceptionHandler(e -> {
            // Told to the futures as well.
        });
        if (phase != Phase.CONNECT) {
            // Too late; its connection can serve others.
            request.reset();
            return;
        }
        upstream = request;
        enter(Phase.REQUEST, origin.config().idleTimeout().toNanos());
        MultiMap fields = request.headers();
        ForwardedFields.toOrigin(
                client.headers(), fields, exchange.via(), origin.config().passKey());
        fields.set(HttpHeaders.HOST, origin.authority());
        ForwardedFields.addCaller(
                fields,
                exchange.verdict.admission().accountId(),
                exchange.verdict.admission().keyId());
        request.response().onComplete(answer -> answered(request, answer), e -> unanswered(request));
        if (!hasBody) {
            request.end().onComplete(sent -> awaitAnswer(), e -> notSent(request));
            return;
        }
        if (!fields.contains(HttpHeaders.CONTENT_LENGTH)) {
            request.setChunked(true);
        }
        request.writeHead().onComplete(sent -> passBody(request), e -> notSent(request));
    }

    private void notConnected(Throwable e) {
        if (phase != Phase.CONNECT) {
            return;
        }
        if (e instanceof ConnectionPoolTooBusyException) {
            failed(Problems.BUSY);
        } else if (e instanceof TimeoutException || e instanceof io.netty.channel.ConnectTimeoutException) {
            failed(Problems.GATEWAY_TIMEOUT);
        } else {
            retryOrFail();
        }
    }

    private void notSent(HttpClientRequest request) {
        if (request == upstream && phase == Phase.REQUEST) {
            retryOrFail();
        }
    }

    /** Nothing of the request reached the origin: where it may be repeated at all, it is, once. */
    private void retryOrFail() {
        if (!retried && !bodyBegun && IDEMPOTENT.contains(client.method())) {
            retried = true;
            connect();
        } else {
            failed(Problems.BAD_GATEWAY);
        }
    }

    private void unanswered(HttpClientRequest request) {
        // A request that could not be sent has no answer either, and its write tells first.
        if (request == upstream && phase != Phase.ANSWER) {
            exchange.loop.later(() -> {
                if (request == upstream && phase != Phase.CONNECT) {
                    failed(Problems.BAD_GATEWAY);
                }
            });
        }
    }

    private void passBody(HttpClientRequest request) {
        if (request != upstream || phase == Phase.OVER) {
            return;
        }
        bodyBegun = true;
        request.drainHandler(drained -> resumeBody());
        client.handler(part -> passBody(request, part));
        client.endHandler(end -> {
            bodyEnded = true;
            exchange.guard.bodyPaused();
            if (phase != Phase.OVER) {
                request.end();
                awaitAnswer();
            }
        });
        resumeBody();
    }

    private void passBody(HttpClientRequest request, Buffer part) {
        long received = exchange.received(part);
        if (phase == Phase.OVER) {
            return;
        }
        if (received > origin.config().maxBodyBytes()) {
            failed(Problems.TOO_LARGE);
            return;
        }
        progress();
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
        if (phase != Phase.OVER && Exchange.isNoBody(e)) {
            failed(Problems.BAD_REQUEST);
        }
    }

    private void awaitAnswer() {
        if (phase == Phase.REQUEST) {
            enter(Phase.AWAIT_ANSWER, origin.config().responseTimeout().toNanos());
        }
    }

    private void answered(HttpClientRequest request, HttpClientResponse answer) {
        if (request != upstream || phase == Phase.OVER || phase == Phase.ANSWER) {
            return;
        }
        if (answer.statusCode() < 200) {
            // Vert.x takes 100 and 103 for itself; any other that is not final is an answer to a question nobody asked.
            failed(Problems.BAD_GATEWAY);
            return;
        }
        enter(Phase.ANSWER, origin.config().idleTimeout().toNanos());
        new ProxyAnswer(this, exchange, answer).begin();
    }

    /** Something came, or went: the time-out begins anew. */
    void progress() {
        if (phase != Phase.OVER) {
            enter(phase, origin.config().idleTimeout().toNanos());
        }
    }

    boolean isOver() {
        return phase == Phase.OVER;
    }

    /** The origin's answer has come whole; its last part goes to the client. */
    void finished(Buffer last) {
        over();
        if (!bodyEnded) {
            // The origin did not wait for the request's end: neither connection is of any more use.
            upstream.reset();
            exchange.closeAtEnd();
        }
        exchange.end(last);
    }

    /** The origin's answer ends before its end. */
    void brokenOff() {
        over();
        upstream.reset();
        exchange.breakOff();
    }

    /** The origin gave no answer that can be passed on. */
    private void failed(Reply reply) {
        if (phase == Phase.OVER) {
            return;
        }
        if (phase == Phase.ANSWER) {
            brokenOff();
            return;
        }
        over();
        if (upstream != null) {
            upstream.reset();
        }
        exchange.answer(bodyEnded ? reply : reply.closing());
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
    }

    private void enter(Phase next, long nanos) {
        phase = next;
        deadline = exchange.loop.coarseNanos() + nanos;
    }

    /** Gives up what has taken too long; called a few times a second. */
    void giveUpIfLate(long now) {
        // An answer that its client does not take is not the origin's fault: the client has a time-out of its own.
        boolean clientsTurn = phase == Phase.ANSWER && client.response().writeQueueFull();
        long more = clientsTurn ? exchange.loop.limits().idleTimeout().toNanos() : 0;
        if (now - deadline >= more) {
            failed(Problems.GATEWAY_TIMEOUT);
        }
    }
}
