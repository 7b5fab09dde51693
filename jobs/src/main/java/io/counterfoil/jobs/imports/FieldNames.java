package io.counterfoil.jobs.imports;

import java.util.List;
import java.util.Map;

/** What each format calls the time, the status and so on; several names are tried in turn. */
final class FieldNames {
    /** The names that are tried in JSON and CSV. What a foreign edge decided has no usual name: it is taken where it is mapped. */
    private static final Map<String, List<String>> COMMON = Map.of(
            "time", List.of("time_iso8601", "time_local", "msec", "time", "timestamp", "ts", "@timestamp"),
            "method", List.of("request_method", "method"),
            "path", List.of("request_uri", "uri", "path", "url"),
            "query", List.of("args", "query_string"),
            "status", List.of("status", "status_code"),
            "bytes", List.of("body_bytes_sent", "bytes_sent", "bytes", "size"),
            "duration", List.of("request_time", "duration"),
            "user", List.of("remote_user", "user"),
            "address", List.of("remote_addr", "client_ip", "address"),
            "request", List.of("request"));

    private static final Map<String, List<String>> CLOUDFRONT = Map.ofEntries(
            Map.entry("time", List.of(W3cFormat.TIME)),
            Map.entry("method", List.of("cs-method")),
            Map.entry("path", List.of("cs-uri-stem")),
            Map.entry("query", List.of("cs-uri-query")),
            Map.entry("status", List.of("sc-status")),
            Map.entry("bytes", List.of("sc-bytes")),
            Map.entry("bytes_in", List.of("cs-bytes")),
            Map.entry("duration", List.of("time-taken")),
            Map.entry("address", List.of("c-ip")),
            Map.entry("request_id", List.of("x-edge-request-id")));

    private static final Map<String, List<String>> CLOUDFLARE = Map.ofEntries(
            Map.entry("time", List.of("EdgeEndTimestamp")),
            Map.entry("start", List.of("EdgeStartTimestamp")),
            Map.entry("method", List.of("ClientRequestMethod")),
            Map.entry("path", List.of("ClientRequestURI", "ClientRequestPath")),
            Map.entry("status", List.of("EdgeResponseStatus")),
            Map.entry("bytes", List.of("EdgeResponseBodyBytes")),
            Map.entry("bytes_in", List.of("ClientRequestBytes")),
            Map.entry("address", List.of("ClientIP")),
            Map.entry("request_id", List.of("RayID")));

    private static final Map<String, List<String>> ALB = Map.ofEntries(
            Map.entry("time", List.of("time")),
            Map.entry("start", List.of("request_creation_time")),
            Map.entry("method", List.of("method")),
            Map.entry("path", List.of("path")),
            Map.entry("status", List.of("elb_status_code")),
            Map.entry("bytes", List.of("sent_bytes")),
            Map.entry("bytes_in", List.of("received_bytes")),
            Map.entry("address", List.of("client")),
            Map.entry("request_id", List.of("trace_id")));

    private static final Map<String, List<String>> IIS = Map.ofEntries(
            Map.entry("time", List.of(W3cFormat.TIME)),
            Map.entry("method", List.of("cs-method")),
            Map.entry("path", List.of("cs-uri-stem")),
            Map.entry("query", List.of("cs-uri-query")),
            Map.entry("status", List.of("sc-status")),
            Map.entry("bytes", List.of("sc-bytes")),
            Map.entry("bytes_in", List.of("cs-bytes")),
            Map.entry("duration", List.of("time-taken")),
            Map.entry("user", List.of("cs-username")),
            Map.entry("address", List.of("c-ip")));

    private FieldNames() {}

    /** Nothing where a format's fields have no names. */
    static Map<String, List<String>> of(LogFormat format) {
        return switch (format) {
            case COMBINED -> Map.of();
            case JSON, CSV -> COMMON;
            case CLOUDFRONT -> CLOUDFRONT;
            case CLOUDFLARE -> CLOUDFLARE;
            case ALB -> ALB;
            case IIS -> IIS;
        };
    }
}
