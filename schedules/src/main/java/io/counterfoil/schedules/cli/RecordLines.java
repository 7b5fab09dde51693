package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.RequestFacts;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** Log records for people and scripts: CSV with a header, or JSON. What a terminal could take for a command is escaped. */
final class RecordLines {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final PrintStream out;
    private final boolean json;

    RecordLines(PrintStream out, boolean json) {
        this.out = out;
        this.json = json;
    }

    void begin() {
        if (!json) {
            List<String> columns = RecordFormat.COLUMNS.subList(0, RecordFormat.COLUMNS.size() - 1);
            out.println(String.join(",", columns));
        }
    }

    void print(LogRecord record) {
        RequestFacts facts = record.facts();
        String decision = facts.decision().name().toLowerCase(Locale.ROOT);
        if (json) {
            ObjectNode row = MAPPER.createObjectNode()
                    .put("seq", record.seq())
                    .put("ts_us", record.tsMicros())
                    .put("key_id", facts.keyId())
                    .put("route", safe(facts.route()))
                    .put("method", safe(facts.method()))
                    .put("status", facts.status())
                    .put("bytes_in", facts.bytesIn())
                    .put("bytes_out", facts.bytesOut())
                    .put("duration_us", facts.durationMicros())
                    .put("units", facts.units())
                    .put("decision", decision)
                    .put("request_id", safe(facts.requestId()))
                    .put("client", safe(facts.client()))
                    .put("path", safe(facts.path()));
            out.println(row);
        } else {
            out.println(safe(record.seq() + "," + record.tsMicros() + "," + facts.keyId() + "," + facts.route() + ","
                    + facts.method() + "," + facts.status() + "," + facts.bytesIn() + "," + facts.bytesOut() + ","
                    + facts.durationMicros() + "," + facts.units() + "," + decision + "," + facts.requestId() + ","
                    + facts.client() + "," + facts.path()));
        }
    }

    /** The format has only printable ASCII; a segment that was tampered with may have anything. */
    static String safe(String text) {
        StringBuilder safe = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c < 0x7F) {
                safe.append(c);
            } else {
                safe.append(String.format("\\x%02x", (int) c));
            }
        }
        return safe.toString();
    }
}
