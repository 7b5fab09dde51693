package io.counterfoil.jobs.notify;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.sql.notice.Notice;

import java.nio.charset.StandardCharsets;

/** A notice as JSON: {@code {type, timestamp, data}}. The same notice gives the same bytes at every attempt. */
final class NoticePayload {
    static final String TYPE = "limit.threshold_crossed";

    private static final ObjectMapper JSON = new ObjectMapper();

    private NoticePayload() {}

    static byte[] json(Notice notice) {
        ObjectNode root = JSON.createObjectNode()
                .put("type", TYPE)
                .put("timestamp", notice.times().raised().toString());
        root.putObject("data")
                .put("account", notice.whose().account())
                .put("account_external_id", notice.whose().externalId().orElse(null))
                .put("key", notice.whose().key().orElse(null))
                .put("plan", notice.plan())
                .put("limit", notice.limit().text())
                .put("window", notice.limit().window())
                .put("measure", notice.limit().measure())
                .put("quota", notice.limit().quota())
                .put("used", notice.used())
                .put("threshold", notice.threshold())
                .put("as_of", notice.times().asOf().toString())
                .put("window_start", notice.times().windowStart().toString())
                .put("resets_at", notice.times().resetsAt().toString())
                .put("action", notice.limit().action());
        return root.toString().getBytes(StandardCharsets.UTF_8);
    }
}
