package io.counterfoil.edge.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.edge.snapshot.Flag;
import io.counterfoil.edge.snapshot.Standing;
import io.counterfoil.sql.limits.UsageLimit;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;

import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Answers of {@code application/problem+json}, RFC 9457. */
final class Problems {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final CharSequence WWW_AUTHENTICATE = HttpHeaders.createOptimized("www-authenticate");
    private static final CharSequence SECONDS = HttpHeaders.createOptimized("1");

    static final Reply BAD_REQUEST = of(
                    400, "Bad Request", "The request is no HTTP request that this server understands.")
            .closing();
    static final Reply UNAUTHORIZED = of(
            401,
            "Unauthorized",
            "A valid API key is needed: 'Authorization: Bearer KEY' or 'X-API-Key: KEY'.",
            WWW_AUTHENTICATE,
            HttpHeaders.createOptimized("Bearer"));
    /** A browser asks its user then; the key is the password, or the user's name where that is all it was given. */
    static final Reply UNAUTHORIZED_PAGE = of(
            401,
            "Unauthorized",
            "A valid API key is needed, as the password.",
            WWW_AUTHENTICATE,
            HttpHeaders.createOptimized("Basic realm=\"API key, as the password\", charset=\"UTF-8\""));

    static final Reply NO_ROUTE = of(404, "Not Found", "There is nothing at this path.");
    static final Reply NO_DOCUMENT = of(404, "Not Found", "There is no document of this key.");
    static final Reply TOO_LARGE = of(413, "Content Too Large", "The request's body is larger than this server reads.")
            .closing();
    static final Reply URI_TOO_LONG = of(414, "URI Too Long", "The request line is longer than this server reads.")
            .closing();
    static final Reply HEAD_TOO_LARGE = of(
                    431,
                    "Request Header Fields Too Large",
                    "The header fields are together larger than this server reads.")
            .closing();
    static final Reply FAILED = of(500, "Internal Server Error", "The server made a mistake; it is logged.");
    static final Reply BAD_GATEWAY =
            of(502, "Bad Gateway", "The server behind this one could not be reached, or its answer was none.");
    static final Reply BUSY = of(
            503,
            "Service Unavailable",
            "All connections to the server behind this one are taken.",
            HttpHeaders.RETRY_AFTER,
            SECONDS);
    static final Reply USAGE_BUSY =
            of(503, "Service Unavailable", "Too many ask at once what they used.", HttpHeaders.RETRY_AFTER, SECONDS);
    static final Reply LOG_FULL = of(
            503,
            "Service Unavailable",
            "The server cannot record requests at the moment, and answers none that it cannot record.",
            HttpHeaders.RETRY_AFTER,
            HttpHeaders.createOptimized("5"));
    static final Reply GATEWAY_TIMEOUT =
            of(504, "Gateway Timeout", "The server behind this one did not answer in time.");
    static final Reply VERSION = of(505, "HTTP Version Not Supported", "HTTP/2, HTTP/1.1 and HTTP/1.0 are understood.")
            .closing();

    private Problems() {}

    static Reply forbidden(String scope) {
        return of(403, "Forbidden", "The API key does not have the scope '" + scope + "' that this needs.");
    }

    static Reply method(List<String> allowed) {
        String list = String.join(", ", allowed);
        return of(405, "Method Not Allowed", "Only " + list + " are understood here.", HttpHeaders.ALLOW, list);
    }

    /** The answer to a refused request; names the limit, what was used, as of when, and when it may be tried again. */
    static Reply quotaExceeded(Standing.Used over) {
        Flag flag = over.flag();
        String measure = over.limit().measure();
        String detail = "The limit " + over.text() + (over.limit().ofAccount() ? " of the account" : "")
                + " is used up: " + UsageLimit.amount(flag.used(), measure) + " of "
                + UsageLimit.amount(flag.quota(), measure) + " as of "
                + flag.asOf().truncatedTo(ChronoUnit.SECONDS) + "; it resets at " + flag.resetsAt() + ".";
        return Reply.of(
                429,
                Headers.PROBLEM_JSON,
                json(
                        "https://iana.org/assignments/http-problem-types#quota-exceeded",
                        "Quota Exceeded",
                        429,
                        detail,
                        Map.of("violated-policies", List.of(over.limit().name()))));
    }

    private static Reply of(int status, String title, String detail, CharSequence... more) {
        return Reply.of(status, Headers.PROBLEM_JSON, json("about:blank", title, status, detail, Map.of()), more);
    }

    private static Buffer json(String type, String title, int status, String detail, Map<String, ?> more) {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", type);
        problem.put("title", title);
        problem.put("status", status);
        problem.put("detail", detail);
        problem.putAll(more);
        try {
            return Buffer.buffer(MAPPER.writeValueAsBytes(problem));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts and numbers are always JSON", e);
        }
    }
}
