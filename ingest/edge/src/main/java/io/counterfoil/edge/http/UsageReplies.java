package io.counterfoil.edge.http;

import io.counterfoil.edge.admission.Admission;
import io.counterfoil.edge.usage.UsageAnswer;
import io.counterfoil.edge.usage.UsageFigures;
import io.counterfoil.edge.usage.UsageJson;
import io.counterfoil.edge.usage.UsagePage;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;

import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/** What callers are told of their use: a page where a browser asks, else JSON. Thread-safe. */
final class UsageReplies {
    private static final CharSequence HTML = HttpHeaders.createOptimized("text/html; charset=utf-8");
    private static final CharSequence POLICY = HttpHeaders.createOptimized("content-security-policy");
    private static final CharSequence SNIFFING = HttpHeaders.createOptimized("x-content-type-options");
    private static final CharSequence REFERRER = HttpHeaders.createOptimized("referrer-policy");
    private static final CharSequence NO_STORE = HttpHeaders.createOptimized("private, no-store");
    private static final CharSequence VARY = HttpHeaders.createOptimized("Accept, Authorization, X-API-Key");

    private final UsageFigures figures;

    UsageReplies(UsageFigures figures) {
        this.figures = figures;
    }

    CompletableFuture<Reply> to(Admission admission, MultiMap headers, Instant now) {
        boolean page = wantsPage(headers);
        return figures.of(admission.keyId())
                .thenApply(known -> reply(UsageAnswer.of(known, admission.standing(), now), page));
    }

    private static Reply reply(UsageAnswer answer, boolean page) {
        if (!page) {
            return Reply.of(
                    200,
                    Headers.JSON,
                    Buffer.buffer(UsageJson.bytes(answer)),
                    HttpHeaders.CACHE_CONTROL,
                    NO_STORE,
                    HttpHeaders.VARY,
                    VARY);
        }
        return Reply.of(
                200,
                HTML,
                Buffer.buffer(UsagePage.page().bytes(answer)),
                HttpHeaders.CACHE_CONTROL,
                NO_STORE,
                HttpHeaders.VARY,
                VARY,
                POLICY,
                UsagePage.page().policy(),
                SNIFFING,
                "nosniff",
                REFERRER,
                "no-referrer");
    }

    /** Whether {@code Accept} names HTML, and JSON not before it: only browsers do (RFC 9110, 12.5.1). */
    static boolean wantsPage(MultiMap headers) {
        double page = 0;
        double json = 0;
        for (String part : String.join(",", headers.getAll(HttpHeaders.ACCEPT))
                .toLowerCase(Locale.ROOT)
                .split(",", -1)) {
            String type = part.replaceAll(";.*", "").strip();
            if (type.equals("text/html")) {
                page = Math.max(page, weight(part));
            } else if (type.equals("application/json")) {
                json = Math.max(json, weight(part));
            }
        }
        return page > 0 && page >= json;
    }

    private static double weight(String part) {
        for (String parameter : part.split(";", -1)) {
            String[] pair = parameter.split("=", -1);
            if (pair.length == 2 && pair[0].strip().equals("q")) {
                return pair[1].strip().matches("[01](\\.\\d{0,3})?") ? Double.parseDouble(pair[1].strip()) : 0;
            }
        }
        return 1;
    }
}
