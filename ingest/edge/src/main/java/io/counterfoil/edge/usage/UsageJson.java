package io.counterfoil.edge.usage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.sql.usage.KeyUsage;
import io.counterfoil.sql.usage.KeyUsage.LimitUse;
import io.counterfoil.sql.usage.KeyUsage.Span;

import java.time.Instant;
import java.util.Optional;

/** The answer for programs. */
public final class UsageJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private UsageJson() {}

    /** One JSON object; what is not known is null or, for lists, empty. Times are UTC, ends exclusive. */
    public static byte[] bytes(UsageAnswer answer) {
        try {
            return MAPPER.writeValueAsBytes(object(answer));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts and numbers are always JSON", e);
        }
    }

    private static ObjectNode object(UsageAnswer answer) {
        KeyUsage usage = answer.usage();
        ObjectNode object = MAPPER.createObjectNode()
                .put("key", usage.label().orElse(null))
                .put("account", usage.account().orElse(null))
                .put("plan", usage.plan().orElse(null))
                .put("source", answer.source().toString())
                .put("as_of", text(usage.asOf()));
        ArrayNode limits = object.putArray("limits");
        for (LimitUse limit : usage.limits()) {
            ObjectNode one = limits.addObject()
                    .put("limit", limit.text())
                    .put("scope", limit.scope())
                    .put("window", limit.window())
                    .put("measure", limit.measure())
                    .put("action", limit.action())
                    .put("quota", limit.quota());
            one.put("used", limit.used().isPresent() ? (Long) limit.used().getAsLong() : null)
                    .put("as_of", text(usage.asOf()))
                    .put("window_start", limit.windowStart().toString())
                    .put("resets_at", limit.resetsAt().toString());
        }
        object.set("period", usage.period().map(UsageJson::span).orElse(null));
        ArrayNode hours = object.putArray("hours");
        usage.hours().forEach(hour -> hours.add(span(hour)));
        return object;
    }

    private static ObjectNode span(Span span) {
        return MAPPER.createObjectNode()
                .put("start", span.start().toString())
                .put("end", span.end().toString())
                .put("requests", span.requests())
                .put("billable", span.billable())
                .put("refused", span.refused())
                .put("units", span.units())
                .put("bytes_out", span.bytesOut());
    }

    private static String text(Optional<Instant> time) {
        return time.map(Instant::toString).orElse(null);
    }
}
