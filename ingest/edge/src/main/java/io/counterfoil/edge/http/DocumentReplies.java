package io.counterfoil.edge.http;

import io.counterfoil.edge.dataset.Document;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

import java.util.Optional;

/** One document's answers: plain or gzip, and 304 where the client has it already (RFC 9110, 8.8.3 and 13.1.2). Immutable. */
final class DocumentReplies {
    private final Reply plain;
    private final Optional<Reply> gzip;
    private final String etag;

    private DocumentReplies(Reply plain, Optional<Reply> gzip, String etag) {
        this.plain = plain;
        this.gzip = gzip;
        this.etag = etag;
    }

    static DocumentReplies of(Document document) {
        String etag = document.etag();
        CharSequence plainTag = HttpHeaders.createOptimized(etag);
        if (document.gzip().isEmpty()) {
            return new DocumentReplies(
                    Reply.of(200, Headers.JSON, document.plain(), HttpHeaders.ETAG, plainTag), Optional.empty(), etag);
        }
        Reply plain = Reply.of(
                200,
                Headers.JSON,
                document.plain(),
                HttpHeaders.ETAG,
                plainTag,
                HttpHeaders.VARY,
                HttpHeaders.ACCEPT_ENCODING);
        Reply gzip = Reply.of(
                200,
                Headers.JSON,
                document.gzip().get(),
                HttpHeaders.ETAG,
                HttpHeaders.createOptimized(gzipTag(etag)),
                HttpHeaders.VARY,
                HttpHeaders.ACCEPT_ENCODING,
                HttpHeaders.CONTENT_ENCODING,
                HttpHeaders.createOptimized("gzip"));
        return new DocumentReplies(plain, Optional.of(gzip), etag);
    }

    private static String gzipTag(String etag) {
        return etag.substring(0, etag.length() - 1) + "-gz\"";
    }

    Reply to(MultiMap headers) {
        if (headers.contains(HttpHeaders.IF_NONE_MATCH)) {
            String known = String.join(",", headers.getAll(HttpHeaders.IF_NONE_MATCH));
            if (known.equals("*") || names(known, etag)) {
                return notModified(etag);
            }
            if (gzip.isPresent() && names(known, gzipTag(etag))) {
                return notModified(gzipTag(etag));
            }
        }
        boolean packed = gzip.isPresent()
                && AcceptEncoding.allowsGzip(String.join(",", headers.getAll(HttpHeaders.ACCEPT_ENCODING)));
        return packed ? gzip.get() : plain;
    }

    private Reply notModified(String tag) {
        return gzip.isPresent()
                ? Reply.empty(304, HttpHeaders.ETAG, tag, HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING)
                : Reply.empty(304, HttpHeaders.ETAG, tag);
    }

    /** The weak comparison, over a list of tags; ours hold no comma. */
    private static boolean names(String list, String tag) {
        for (int at = list.indexOf(tag); at >= 0; at = list.indexOf(tag, at + 1)) {
            int end = at + tag.length();
            boolean starts =
                    at == 0 || list.charAt(at - 1) == ' ' || list.charAt(at - 1) == ',' || list.charAt(at - 1) == '/';
            if (starts && (end == list.length() || list.charAt(end) == ',' || list.charAt(end) == ' ')) {
                return true;
            }
        }
        return false;
    }
}
