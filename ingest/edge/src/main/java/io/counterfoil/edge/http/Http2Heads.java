package io.counterfoil.edge.http;

import io.vertx.core.http.HttpServerRequest;

import java.util.Map;

/**
 * Looks at heads of HTTP/2, whose fields may hold any byte: what could not stand in a head of HTTP/1.1 is malformed (RFC 9113,
 * 8.2.1), and must reach neither an origin nor a message.
 */
final class Http2Heads {
    private Http2Heads() {}

    static boolean isMalformed(HttpServerRequest request) {
        String target = request.uri();
        if (target == null || !(target.startsWith("/") || target.equals("*")) || !isVisible(target)) {
            return true;
        }
        for (Map.Entry<String, String> field : request.headers()) {
            if (!isVisible(field.getKey()) || !isText(field.getValue())) {
                return true;
            }
        }
        return false;
    }

    private static boolean isVisible(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) <= ' ' || text.charAt(i) == 0x7f) {
                return false;
            }
        }
        return true;
    }

    private static boolean isText(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if ((c < ' ' && c != '\t') || c == 0x7f) {
                return false;
            }
        }
        return true;
    }
}
