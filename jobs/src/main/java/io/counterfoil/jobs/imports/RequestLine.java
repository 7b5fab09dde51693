package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.record.KeyMask;

import java.util.regex.Pattern;

/** Method and target of a request line as logged: {@code GET /a?b HTTP/1.1}. What is none of that still was a request. */
record RequestLine(String method, String target) {
    static final RequestLine NONE = new RequestLine("-", "-");

    private static final Pattern METHOD = Pattern.compile("[A-Za-z0-9_-]{1,32}");
    private static final String VERSION = " HTTP/";

    static RequestLine parse(String text) {
        int first = text.indexOf(' ');
        if (first <= 0) {
            return new RequestLine("-", text.isEmpty() ? "-" : text);
        }
        if (!METHOD.matcher(text.substring(0, first)).matches()) {
            // Without a method: what a client sent there is a target, and may hold its key.
            int version = text.lastIndexOf(VERSION);
            return new RequestLine("-", version < 0 ? text : text.substring(0, version));
        }
        int last = text.lastIndexOf(' ');
        String target = last > first ? text.substring(first + 1, last) : text.substring(first + 1);
        return new RequestLine(methodOf(text.substring(0, first)), target);
    }

    /** The method as it may be shown: what is none, or looks like a key, is not. */
    static String methodOf(String word) {
        return METHOD.matcher(word).matches() && !KeyMask.looksLikeKey(word) ? word : "-";
    }

    String path() {
        return withoutQuery(target);
    }

    static String withoutQuery(String target) {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /** What stands behind the question mark, or nothing. */
    static String query(String target) {
        int query = target.indexOf('?');
        return query < 0 ? "" : target.substring(query + 1);
    }
}
