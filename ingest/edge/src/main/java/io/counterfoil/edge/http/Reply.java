package io.counterfoil.edge.http;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;

import java.util.ArrayList;
import java.util.List;

/**
 * An answer's status, fields and body, made once and sent to many. Immutable.
 *
 * @param fields names and values in turn
 * @param close whether the connection ends with it
 */
record Reply(int status, List<CharSequence> fields, Buffer body, boolean close) {
    private static final Buffer EMPTY = Buffer.buffer();

    Reply {
        fields = List.copyOf(fields);
    }

    /** With a body of that type, its length stated. */
    static Reply of(int status, CharSequence contentType, Buffer body, CharSequence... more) {
        List<CharSequence> fields = new ArrayList<>(List.of(
                HttpHeaders.CONTENT_TYPE,
                contentType,
                HttpHeaders.CONTENT_LENGTH,
                HttpHeaders.createOptimized(Integer.toString(body.length()))));
        fields.addAll(List.of(more));
        return new Reply(status, fields, body, false);
    }

    /** Without a body: 204 and 304 have none. */
    static Reply empty(int status, CharSequence... fields) {
        return new Reply(status, List.of(fields), EMPTY, false);
    }

    Reply closing() {
        return new Reply(status, fields, body, true);
    }

    void copyTo(MultiMap headers) {
        for (int i = 0; i < fields.size(); i += 2) {
            headers.add(fields.get(i), fields.get(i + 1));
        }
    }
}
