package io.counterfoil.edge.http;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;

/** An origin's answer on its way to the client. What completes its body is held until the record is in the log. */
final class ProxyAnswer {
    private final ProxyCall call;
    private final Exchange exchange;
    private final HttpClientResponse answer;
    /** Bytes of the body that are still to come, where the origin states its length; else below 0. */
    private long rest = -1;

    private Buffer held = Buffer.buffer();

    ProxyAnswer(ProxyCall call, Exchange exchange, HttpClientResponse answer) {
        this.call = call;
        this.exchange = exchange;
        this.answer = answer;
    }

    void begin() {
        HttpServerResponse response = exchange.begin(answer.statusCode());
        MultiMap fields = response.headers();
        ForwardedFields.toClient(answer.headers(), fields);
        exchange.addFields(fields);
        exchange.setUnits(ForwardedFields.units(answer.headers(), exchange.verdict.units()));
        frame(response, fields.get(HttpHeaders.CONTENT_LENGTH));
        response.drainHandler(drained -> {
            call.progress();
            answer.resume();
        });
        answer.exceptionHandler(e -> {
            if (!call.isOver()) {
                call.brokenOff();
            }
        });
        answer.handler(part -> pass(response, part));
        answer.endHandler(end -> {
            if (!call.isOver()) {
                call.finished(held);
            }
        });
    }

    /** How the client will know the body's end. */
    private void frame(HttpServerResponse response, String length) {
        HttpVersion version = exchange.request.version();
        boolean none = exchange.request.method().equals(HttpMethod.HEAD)
                || answer.statusCode() == 204
                || answer.statusCode() == 304;
        if (none) {
            return;
        }
        if (length != null && length.matches("\\d{1,18}")) {
            rest = Long.parseLong(length);
        } else if (version == HttpVersion.HTTP_1_1) {
            response.setChunked(true);
        } else if (version == HttpVersion.HTTP_1_0) {
            // Only by the connection's.
            exchange.closeAtEnd();
        }
    }

    private void pass(HttpServerResponse response, Buffer part) {
        if (call.isOver()) {
            return;
        }
        call.progress();
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
}
