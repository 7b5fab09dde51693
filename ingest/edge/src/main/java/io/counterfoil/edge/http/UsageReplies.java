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
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;

/** What callers are told of their use: a page where a browser asks, else JSON. Thread-safe. */
final class UsageReplies {
    private static final CharSequence HTML = HttpHeaders.createOptimized("text/html; charset=utf-8");
    private static final CharSequence POLICY = HttpHeaders.createOptimized("content-security-policy");
    private static final CharSequence SNIFFING = HttpHeaders.createOptimized("x-content-type-options");
    private static final CharSequence REFERRER = HttpHeaders.createOptimized("referrer-policy");
    private static final CharSequence NO_STORE = HttpHeaders.createOptimized("private, no-store");
    private static final CharSequence VARY = HttpHeaders.createOptimized("Accept, Authorization, X-API-Key");

    private static final int MAX_ACCEPT_CHARACTERS = 1_024;

    private final UsageFigures figures;

    UsageReplies(UsageFigures figures) {
        this.figures = figures;
    }

    /** Completes on one of the usage's own threads: rendering takes too long for an event loop. */
    CompletableFuture<Reply> to(Admission admission, MultiMap headers, Instant now) {
        boolean page = wantsPage(headers);
        try {
            return figures.of(admission.keyId())
                    .thenApplyAsync(
                            known -> reply(UsageAnswer.of(known, admission.standing(), now), page), figures.rendering())
                    .exceptionally(failure -> {
                        if (failure.getCause() instanceof RejectedExecutionException) {
                            return Problems.USAGE_BUSY;
                        }
                        throw new CompletionException(failure.getCause());
                    });
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture(Problems.USAGE_BUSY);
        }
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
                            VARY)
                    .once();
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
                        "no-referrer")
                .once();
    }

    /**
     * Whether {@code Accept} names HTML, and JSON not before it: only browsers do (RFC 9110, 12.5.1). It is read before the key is known to
     * be one, so no more of it than a browser sends.
     */
    static boolean wantsPage(MultiMap headers) {
        String accept = headers.get(HttpHeaders.ACCEPT);
        if (accept == null || accept.length() > MAX_ACCEPT_CHARACTERS) {
            return false;
        }
        String lower = accept.toLowerCase(Locale.ROOT);
        double page = weight(lower, "text/html");
        return page > 0 && page >= weight(lower, "application/json");
    }

    /** Of a type that is named whole; 0 where it is not. */
    private static double weight(String accept, String type) {
        for (int at = accept.indexOf(type); at >= 0; at = accept.indexOf(type, at + 1)) {
            int end = at + type.length();
            boolean starts = at == 0 || accept.charAt(at - 1) == ',' || accept.charAt(at - 1) == ' ';
            if (starts && (end == accept.length() || ",; ".indexOf(accept.charAt(end)) >= 0)) {
                int comma = accept.indexOf(',', end);
                return weight(accept.substring(end, comma < 0 ? accept.length() : comma));
            }
        }
        return 0;
    }

    private static double weight(String parameters) {
        int at = parameters.indexOf("q=");
        if (at < 0) {
            return 1;
        }
        String weight = parameters.substring(at + 2).strip();
        return weight.matches("[01](\\.\\d{0,3})?") ? Double.parseDouble(weight) : 0;
    }
}
