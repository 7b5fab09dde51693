package io.counterfoil.jobs.imports;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An Application Load Balancer's access log: fields by their place, some in quotes. The first time is that of the response, the end;
 * {@code request_creation_time} lies before it. Lines of Network Load Balancers and connection logs are no requests by design.
 */
final class AlbFormat implements LineFormat {
    private static final String START = "request_creation_time";
    private static final List<String> NAMES = List.of(
            "type",
            "time",
            "elb",
            "client",
            "target",
            "request_processing_time",
            "target_processing_time",
            "response_processing_time",
            "elb_status_code",
            "target_status_code",
            "received_bytes",
            "sent_bytes",
            "request",
            "user_agent",
            "ssl_cipher",
            "ssl_protocol",
            "target_group_arn",
            "trace_id",
            "domain_name",
            "chosen_cert_arn",
            "matched_rule_priority",
            START,
            "actions_executed",
            "redirect_url",
            "error_reason",
            "target_list",
            "target_status_code_list",
            "classification",
            "classification_reason",
            "conn_trace_id");

    /** Up to the request; what a client chose to send may follow, and breaks nothing before it. */
    private static final int NEEDED = 13;

    private static final Set<String> REQUESTS = Set.of("http", "https", "h2", "grpcs", "ws", "wss");
    private static final Pattern CONNECTION = Pattern.compile(
            "(tls|tcp|udp|tcp_udp) \\d\\.\\d .*|\\d{4}-\\d\\d-\\d\\dT\\S+ [0-9a-fA-F:.]+ \\d{1,5} \\d{1,5} .*");

    private static final Pattern INSTANT = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z");
    /** A scheme and a host; a path, a query or nothing follows. */
    private static final Pattern URL = Pattern.compile("[A-Za-z]++://[^/?#]*+");
    /** No request takes longer than a day. */
    private static final long LONGEST_MICROS = 86_400_000_000L;

    private final KeyField keyField;
    private final FieldMap map;

    AlbFormat(KeyField keyField, FieldMap map) {
        this.keyField = keyField;
        this.map = map;
    }

    @Override
    public boolean skip(String line) {
        return line.isEmpty();
    }

    @Override
    public Optional<ForeignRequest> parse(String line) throws MalformedLineException {
        List<String> values = split(line);
        if (!REQUESTS.contains(values.get(0))) {
            if (CONNECTION.matcher(line).matches()) {
                return Optional.empty();
            }
            throw new MalformedLineException("the type is none of http, https, h2, grpcs, ws, wss");
        }
        if (values.size() < NEEDED) {
            throw new MalformedLineException(
                    values.size() + " fields, the request of a load balancer's line is the " + NEEDED + "th");
        }
        Map<String, String> fields = new HashMap<>();
        for (int i = 0; i < Math.min(values.size(), NAMES.size()); i++) {
            fields.put(NAMES.get(i), values.get(i));
        }
        RequestLine request = RequestLine.parse(LogEscapes.decode(fields.get("request")));
        fields.put("method", request.method());
        fields.put("path", withoutHost(request.target()));
        fields.computeIfPresent("client", (name, client) -> withoutPort(client));
        // Of a connection that ended before there was an answer.
        fields.computeIfPresent("elb_status_code", (name, status) -> status.equals("-") ? "0" : status);
        if (!tellsStart(fields)) {
            fields.remove(START);
        }
        return Optional.of(map.request(fields, keyField));
    }

    /** A client's quotes may have moved the fields behind its user agent: then the duration is not known. */
    private static boolean tellsStart(Map<String, String> fields) {
        String start = fields.getOrDefault(START, "");
        if (!INSTANT.matcher(start).matches()) {
            return false;
        }
        try {
            long micros = LineTime.any(fields.get("time")) - LineTime.any(start);
            return micros >= 0 && micros <= LONGEST_MICROS;
        } catch (MalformedLineException e) {
            return false;
        }
    }

    /** Ends at a field that is no longer well-formed. */
    private static List<String> split(String line) {
        List<String> values = new ArrayList<>(NAMES.size());
        int at = 0;
        while (at < line.length()) {
            boolean quoted = line.charAt(at) == '"';
            int end = quoted ? quote(line, at + 1) : line.indexOf(' ', at);
            if (quoted && end < 0) {
                break;
            }
            end = end < 0 ? line.length() : end;
            values.add(line.substring(quoted ? at + 1 : at, end));
            at = quoted ? end + 2 : end + 1;
        }
        return values.isEmpty() ? List.of("") : values;
    }

    /** The closing quote: the next that a blank or the line's end follows and no odd number of backslashes precedes. */
    private static int quote(String line, int from) {
        for (int end = line.indexOf('"', from); end >= 0; end = line.indexOf('"', end + 1)) {
            boolean closes = end + 1 == line.length() || line.charAt(end + 1) == ' ';
            int backslashes = 0;
            while (end - backslashes > from && line.charAt(end - backslashes - 1) == '\\') {
                backslashes++;
            }
            if (closes && backslashes % 2 == 0) {
                return end;
            }
        }
        return -1;
    }

    /** A load balancer logs the whole URL; {@code http://host:80-} where there was no target. */
    private static String withoutHost(String target) {
        Matcher url = URL.matcher(target);
        if (!url.lookingAt()) {
            return target;
        }
        String path = target.substring(url.end());
        return path.isEmpty() ? "-" : path.startsWith("/") ? path : "/" + path;
    }

    private static String withoutPort(String client) {
        int colon = client.lastIndexOf(':');
        String address = colon < 0 ? client : client.substring(0, colon);
        return address.startsWith("[") && address.endsWith("]") ? address.substring(1, address.length() - 1) : address;
    }
}
