package io.counterfoil.edge.http;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** An answer's status, fields and body, made once and sent to many. Immutable. */
final class Reply {
    private static final Buffer EMPTY = Buffer.buffer();
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final int status;
    /** Names and values in turn. */
    private final CharSequence[] fields;

    private final Buffer body;
    private final boolean close;
    private final boolean once;
    private final int number = NUMBERS.getAndIncrement();

    private Reply(int status, CharSequence[] fields, Buffer body, boolean close, boolean once) {
        this.status = status;
        this.fields = fields;
        this.body = body;
        this.close = close;
        this.once = once;
    }

    /** With a body of that type, its length stated. */
    static Reply of(int status, CharSequence contentType, Buffer body, CharSequence... more) {
        List<CharSequence> fields = new ArrayList<>(List.of(
                HttpHeaders.CONTENT_TYPE,
                contentType,
                HttpHeaders.CONTENT_LENGTH,
                HttpHeaders.createOptimized(Integer.toString(body.length()))));
        fields.addAll(List.of(more));
        return new Reply(status, fields.toArray(CharSequence[]::new), body, false, false);
    }

    /** Without a body: 204 and 304 have none. */
    static Reply empty(int status, CharSequence... fields) {
        return new Reply(status, fields.clone(), EMPTY, false, false);
    }

    Reply closing() {
        return new Reply(status, fields, body, true, once);
    }

    /** The same for one request alone: it is not to be kept. */
    Reply once() {
        return new Reply(status, fields, body, close, true);
    }

    void copyTo(MultiMap headers) {
        for (int i = 0; i < fields.length; i += 2) {
            headers.add(fields[i], fields[i + 1]);
        }
    }

    int status() {
        return status;
    }

    Buffer body() {
        return body;
    }

    /** Whether the connection ends with it. */
    boolean close() {
        return close;
    }

    /** Whether it is sent to one client, and kept nowhere. */
    boolean isOnce() {
        return once;
    }

    /** Spreads answers over a table that knows some of them. */
    int number() {
        return number;
    }
}
