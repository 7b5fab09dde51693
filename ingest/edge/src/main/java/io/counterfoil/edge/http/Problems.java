package io.counterfoil.edge.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.edge.snapshot.Flag;
import io.vertx.core.buffer.Buffer;

import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Bodies of {@code application/problem+json}, RFC 9457. */
final class Problems {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    static final Problem BAD_REQUEST =
            Problem.of(400, "Bad Request", "The request is no HTTP/1.1 request that this server understands.");
    static final Problem UNAUTHORIZED = Problem.of(
            401, "Unauthorized", "A valid API key is needed: 'Authorization: Bearer KEY' or 'X-API-Key: KEY'.");
    static final Problem NO_ROUTE = Problem.of(404, "Not Found", "There is nothing at this path.");
    static final Problem NO_DOCUMENT = Problem.of(404, "Not Found", "There is no document of this key.");
    static final Problem METHOD = Problem.of(405, "Method Not Allowed", "Only GET and HEAD are understood here.");
    static final Problem TOO_LARGE =
            Problem.of(413, "Content Too Large", "A request body may have up to 1 MiB, and is not looked at.");
    static final Problem URI_TOO_LONG = Problem.of(414, "URI Too Long", "The request line may have up to 8 KiB.");
    static final Problem HEAD_TOO_LARGE =
            Problem.of(431, "Request Header Fields Too Large", "The header fields may have up to 16 KiB together.");
    static final Problem FAILED = Problem.of(500, "Internal Server Error", "The server made a mistake; it is logged.");
    static final Problem VERSION =
            Problem.of(505, "HTTP Version Not Supported", "Only HTTP/1.1 and HTTP/1.0 are understood.");

    record Problem(int status, Buffer body) {
        private static Problem of(int status, String title, String detail) {
            return new Problem(status, json("about:blank", title, status, detail, Map.of()));
        }
    }

    private Problems() {}

    /** The answer to a refused request; names the limit, what was used, as of when, and when it may be tried again. */
    static Problem quotaExceeded(Flag flag) {
        String detail = "The limit " + flag.limit() + " is used up: " + flag.used() + " of " + flag.quota() + " as of "
                + flag.asOf().truncatedTo(ChronoUnit.SECONDS) + "; it resets at " + flag.resetsAt() + ".";
        Buffer body = json(
                "https://iana.org/assignments/http-problem-types#quota-exceeded",
                "Quota Exceeded",
                429,
                detail,
                Map.of("violated-policies", List.of(flag.window())));
        return new Problem(429, body);
    }

    /** The value of {@code Counterfoil-Warning}: a dictionary of RFC 9651. */
    static String warning(Flag flag) {
        return "limit=\"" + flag.limit() + "\", used=" + flag.used() + ", quota=" + flag.quota() + ", as-of=@"
                + flag.asOf().getEpochSecond() + ", resets-at=@"
                + flag.resetsAt().getEpochSecond();
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
