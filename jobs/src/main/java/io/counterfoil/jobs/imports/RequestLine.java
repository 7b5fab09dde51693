package io.counterfoil.jobs.imports;

/** Method and target of a request line as logged: {@code GET /a?b HTTP/1.1}. What is none of that still was a request. */
record RequestLine(String method, String target) {
    static final RequestLine NONE = new RequestLine("-", "-");

    static RequestLine parse(String text) {
        int first = text.indexOf(' ');
        if (first <= 0) {
            return new RequestLine("-", text.isEmpty() ? "-" : text);
        }
        int last = text.lastIndexOf(' ');
        String target = last > first ? text.substring(first + 1, last) : text.substring(first + 1);
        return new RequestLine(text.substring(0, first), target);
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
