package io.counterfoil.edge.collector;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.accesslog.collected.CollectedBatch;
import io.counterfoil.accesslog.collected.CollectedBatch.Reject;
import io.counterfoil.accesslog.collected.TakenBatch;
import io.counterfoil.edge.listener.ProblemAnswer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/** What who posted a batch is told. */
final class PostAnswer {
    private static final String RETRY_SECONDS = "2";

    private PostAnswer() {}

    static void taken(HttpServerRequest request, TakenBatch taken, CollectedBatch batch) {
        if (request.response().closed()) {
            return;
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("records", taken.records());
        json.put("held", taken.held());
        ArrayNode rejects = json.putArray("rejects");
        if (!taken.duplicate()) {
            for (Reject reject : batch.rejects()) {
                rejects.addObject().put("line", reject.line()).put("reason", reject.reason());
            }
        }
        json.put("duplicate", taken.duplicate());
        request.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(json.toString());
    }

    static void notTaken(HttpServerRequest request) {
        request.response().putHeader(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
        ProblemAnswer.send(
                request,
                503,
                "Service Unavailable",
                "The batch could not be put on the disk, nothing of it was taken; post it again, unchanged.");
    }

    static void tooMany(HttpServerRequest request, int perSecond, long seconds) {
        request.response().putHeader(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
        ProblemAnswer.send(
                request,
                429,
                "Too Many Requests",
                "A source may post " + perSecond + " batches a second; post it again, unchanged, or larger ones.");
    }
}
