package io.counterfoil.edge.http;

import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.RequestFacts;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

import java.io.IOException;

/**
 * One request from its head to its record. The record is appended exactly once, before the final bytes go to the socket: what a
 * client was answered is in the log, whenever the process dies.
 */
final class Exchange {
    private static final CharSequence X_REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
    private static final long MAX_BODY_BYTES = 1 << 20;
    private static final int MAX_REQUEST_ID_CHARACTERS = 64;
    private static final int CLIENT_LEFT = 499;

    private final EdgeLoop loop;
    private final HttpServerRequest request;
    private final long startNanos;
    private Answer answer;
    private long bytesIn;
    private boolean done;

    Exchange(EdgeLoop loop, HttpServerRequest request, Answer answer, long startNanos) {
        this.loop = loop;
        this.request = request;
        this.answer = answer;
        this.startNanos = startNanos;
    }

    /** Answers at once, or when the request's body has been read and thrown away. */
    void run() {
        if (answer.close() || !hasBody()) {
            finish();
            return;
        }
        String length = request.headers().get(HttpHeaders.CONTENT_LENGTH);
        if (length != null && (length.length() > 9 || Long.parseLong(length) > MAX_BODY_BYTES)) {
            finish(answer.insteadClosing(Problems.TOO_LARGE));
            return;
        }
        request.response().closeHandler(closed -> abandon());
        request.exceptionHandler(this::broken);
        request.handler(this::body);
        request.endHandler(end -> finish());
    }

    private boolean hasBody() {
        String length = request.headers().get(HttpHeaders.CONTENT_LENGTH);
        return length == null ? request.headers().contains(HttpHeaders.TRANSFER_ENCODING) : !length.equals("0");
    }

    private void body(Buffer part) {
        bytesIn += part.length();
        if (bytesIn > MAX_BODY_BYTES) {
            finish(answer.insteadClosing(Problems.TOO_LARGE));
        }
    }

    private void broken(Throwable e) {
        // A connection that broke is closed next, and the request abandoned; everything else is a body that is none.
        if (!(e instanceof IOException)) {
            finish(answer.insteadClosing(Problems.BAD_REQUEST));
        }
    }

    private void finish(Answer instead) {
        if (!done) {
            answer = instead;
            finish();
        }
    }

    private void finish() {
        if (done) {
            return;
        }
        done = true;
        HttpServerResponse response = request.response();
        String requestId = requestId();
        head(response, requestId);
        boolean head = request.method().equals(HttpMethod.HEAD);
        if (head) {
            response.putHeader(
                    HttpHeaders.CONTENT_LENGTH, Integer.toString(answer.body().length()));
        }
        append(answer.status(), head ? 0 : answer.body().length(), requestId);
        if (head) {
            response.end();
        } else {
            response.end(answer.body());
        }
        if (answer.close()) {
            request.connection().close();
        }
    }

    private void head(HttpServerResponse response, String requestId) {
        response.setStatusCode(answer.status());
        response.putHeader(HttpHeaders.DATE, loop.date());
        response.putHeader(HttpHeaders.CONTENT_TYPE, answer.isProblem() ? Headers.PROBLEM_JSON : Headers.JSON);
        if (!requestId.isEmpty()) {
            response.putHeader(X_REQUEST_ID, requestId);
        }
        if (answer.close()) {
            response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        if (answer.isProblem() || answer.decision() == Decision.WARNED) {
            Headers.explain(response, answer, loop.now());
        }
    }

    /** The client left before its answer's head; the connection's counter counts it too. */
    private void abandon() {
        if (!done) {
            done = true;
            append(CLIENT_LEFT, 0, requestId());
        }
    }

    private void append(int status, long bytesOut, String requestId) {
        // Not readable as a request: Netty puts a request of its own making in its place.
        boolean unread = request.decoderResult().isFailure() && request.uri().equals("/bad-request");
        loop.append(new RequestFacts(
                answer.admission().keyId(),
                answer.routeName(),
                unread ? "-" : request.method().name(),
                status,
                bytesIn,
                bytesOut,
                (loop.nanos() - startNanos) / 1000,
                answer.units(),
                answer.decision(),
                requestId,
                "",
                unread ? "-" : request.path()));
    }

    private String requestId() {
        String id = request.headers().get(X_REQUEST_ID);
        if (id == null || id.isEmpty() || id.length() > MAX_REQUEST_ID_CHARACTERS) {
            return "";
        }
        for (int i = 0; i < id.length(); i++) {
            if (id.charAt(i) < 0x20 || id.charAt(i) > 0x7e) {
                return "";
            }
        }
        return id;
    }
}
